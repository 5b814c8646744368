#!/usr/bin/env python3
"""Reckons what the backend costs, and prints the tables of docs/COST.md.

    python3 scripts/cost.py                      the tables, as the document has them
    python3 scripts/cost.py --write              puts them into the document, between its markers
    python3 scripts/cost.py --json               the same figures for programs
    python3 scripts/cost.py --inputs my.json --prices my-prices.json --bookings 250000

Inputs are docs/cost-inputs.json (what was measured, what is assumed, what is deployed) and docs/cost-prices.json (list
prices with their sources). A price that one region lacks is the other's, and every sum that holds one has a plus.
"""

import argparse
import json
import math
import re
import sys
from pathlib import Path

DOCS = Path(__file__).resolve().parent.parent / "docs"
REGIONS = ["eu-central-1", "us-east-1"]
MILLION = 1e6
GB = 1e9


class Money:
    """Dollars, and whether a price among them was borrowed from another region."""

    def __init__(self, usd=0.0, borrowed=False):
        self.usd, self.borrowed = usd, borrowed

    def __add__(self, other):
        return Money(self.usd + other.usd, self.borrowed or other.borrowed)

    def __mul__(self, times):
        return Money(self.usd * times, self.borrowed)

    def __str__(self):
        places = 2 if self.usd < 1000 else 0
        return f"{self.usd:,.{places}f}" + ("+" if self.borrowed else "")


class Model:
    """The arithmetic; every figure is of `bookings` within `months`."""

    def __init__(self, inputs, prices, bookings=MILLION):
        self.assumed, self.deployed = inputs["assumed"], inputs["deployed"]
        self.functions = inputs["measured"]["functions"]
        self.metrics, self.samples = inputs["metrics"], inputs["log_samples"]
        self.prices, self.seats_io = prices["prices"], prices["seats_io"]
        self.bookings = bookings
        mix = self.assumed["calls_a_booking"]
        self.calls = {name: mix[name] * bookings for name in mix if name != "about"}
        self.hours = self.assumed["hours_a_month"]

    def price(self, name, region):
        own = self.prices[name][region]
        other = next((self.prices[name][r] for r in REGIONS if self.prices[name][r] is not None), None)
        if own is None and other is None:
            sys.exit(f"cost: no region has a price of {name}")
        return Money(other, True) if own is None else Money(own)

    def billed_ms(self, name):
        """What Lambda bills of a warm call: waiting, CPU stretched to the share that the memory buys, the network."""
        figures, assumed = self.functions[name], self.assumed
        cpu = figures["p50_ms"] if figures["cpu_ms"] is None else figures["cpu_ms"]
        waiting = max(figures["p50_ms"] - cpu, 0.0)
        stretched = cpu * max(1.0, assumed["full_vcpu_mb"] / self.deployed["memory_mb"][name])
        network = assumed["round_trips"][name] * assumed["round_trip_ms"]
        provider = assumed["payment_provider_ms"] if name == "confirm" else 0
        return math.ceil(waiting + stretched + network + provider)

    def gb_seconds(self, calls):
        cold = self.assumed["cold_share"] * self.assumed["cold_start_ms"]
        each = ((name, (self.billed_ms(name) + cold) / 1000) for name in calls)
        return sum(calls[name] * seconds * self.deployed["memory_mb"][name] / 1024 for name, seconds in each)

    def log_bytes(self, name, by_gateway=True):
        figures = self.functions[name]
        metric_line = figures["metric_line_bytes"] + self.assumed["longer_function_name_bytes"]
        of_aws = ["start", "report"] + (["access"] if by_gateway else [])
        lines = sum(len(self.samples[line]) + 1 for line in of_aws)
        return figures["log_bytes"] + figures["metric_lines"] * metric_line + lines

    def series(self):
        of_a_tenant, of_nobody = (
            sum(len(names) for names in self.metrics[kind].values()) for kind in ("of_a_tenant", "of_nobody")
        )
        return of_a_tenant * (1 + self.assumed["domains_in_use"]) + of_nobody

    def traces(self, calls, seconds):
        always = min(calls, seconds * self.assumed["traces_a_second"])
        return always + self.assumed["traced_beyond"] * (calls - always)

    def kept(self, gb, region):
        return self.price("log_storage_gb", region) * (gb * self.assumed["log_kept_days"] / 30)

    def quantities(self, months=1):
        calls, a = sum(self.calls.values()), self.assumed
        answers = sum(self.calls[name] * self.functions[name]["answer_bytes"] for name in self.calls)
        reads = a["warm_environments"] * a["secret_reads"] * months * self.hours * 3600 / a["secret_max_age_seconds"]
        return {
            "calls": calls,
            "gb_seconds": self.gb_seconds(self.calls),
            "log_gb": sum(self.calls[name] * self.log_bytes(name) for name in self.calls) / GB,
            "series_months": self.series() * months,
            "traces": self.traces(calls, months * self.hours * 3600),
            "traces_by_function": sum(self.traces(self.calls[name], months * self.hours * 3600) for name in self.calls),
            "secret_calls": reads,
            "out_gb": answers / GB,
        }

    def sales(self, region, architecture="arm64", months=1):
        """The lines of the bookings themselves: (what, how much, dollars)."""
        q, price = self.quantities(months), lambda name: self.price(name, region)
        millions, compute = q["calls"] / MILLION, price(f"lambda_{architecture}_gb_second")
        return [
            ("API Gateway", f"{millions:.2f} million calls", price("http_api_request") * millions),
            ("Lambda, requests", f"{millions:.2f} million", price("lambda_request") * millions),
            (f"Lambda, {architecture}", f"{q['gb_seconds']:,.0f} GB-s", compute * q["gb_seconds"]),
            ("Logs, taken in", f"{q['log_gb']:.1f} GB", price("log_ingest_gb") * q["log_gb"]),
            ("Logs, kept", f"{self.assumed['log_kept_days']} days", self.kept(q["log_gb"], region)),
            ("Metrics", f"{q['series_months']:,.0f} series-months", price("metric") * q["series_months"]),
            ("X-Ray", f"{q['traces'] / MILLION:.2f} million traces", price("trace") * (q["traces"] / MILLION)),
            ("Secrets Manager, calls", f"{q['secret_calls']:,.0f}", price("secret_call") * (q["secret_calls"] / 1e4)),
            ("Data out", f"{q['out_gb']:.0f} GB", price("transfer_out_gb") * q["out_gb"]),
        ]

    def idle(self, region):
        """The lines of a month in which nobody calls."""
        sweeps, price = self.deployed["sweeps_an_hour"] * self.hours, lambda name: self.price(name, region)
        gb_seconds = self.gb_seconds({"expire-reservations": sweeps})
        log_gb = sweeps * self.log_bytes("expire-reservations", by_gateway=False) / GB
        deployed = self.deployed
        return [
            ("Alarms", f"{deployed['alarm_metrics']} metrics", price("alarm_metric") * deployed["alarm_metrics"]),
            ("Dashboard", f"{deployed['dashboards']}", price("dashboard") * deployed["dashboards"]),
            ("Secrets", f"{deployed['secrets']}", price("secret") * deployed["secrets"]),
            ("Sweeper, requests", f"{sweeps:,.0f}", price("lambda_request") * (sweeps / MILLION) + price("schedule")),
            ("Sweeper, Lambda arm64", f"{gb_seconds:,.0f} GB-s", price("lambda_arm64_gb_second") * gb_seconds),
            ("Sweeper, logs", f"{log_gb * 1000:.0f} MB", price("log_ingest_gb") * log_gb + self.kept(log_gb, region)),
            ("Sweeper, X-Ray", f"{sweeps:,.0f} traces", price("trace") * (sweeps / MILLION)),
        ]

    def stores(self, region):
        """What a month of each choice of database, Redis and network costs."""
        price, hours = lambda name: self.price(name, region), self.hours
        member = price("ec2_t4g_small_hour") * hours + price("gp3_gb") * 20
        through = self.quantities()["out_gb"] * self.assumed["database_bytes_an_answer_byte"]
        gateways = (price("nat_hour") + price("ipv4_hour")) * (hours * self.assumed["nat_gateways"])
        commands = self.assumed["redis_commands_a_booking"] * self.bookings
        upstash = f"Upstash Redis instead: {commands / MILLION:.0f} million commands"
        return {
            "MongoDB Atlas M10": price("atlas_m10_hour") * hours,
            "MongoDB Atlas M30": price("atlas_m30_hour") * hours,
            "MongoDB of your own: 3 × t4g.small, 20 GB each": member * 3,
            "Valkey on ElastiCache: 2 × cache.t4g.micro": price("valkey_t4g_micro_hour") * (hours * 2),
            upstash: price("upstash_command") * (commands / 1e5),
            f"NAT: {self.assumed['nat_gateways']} gateways and their addresses": gateways,
            f"NAT: {through:,.0f} GB through them": price("nat_gb") * through,
        }

    def totals(self, region, mongodb):
        """(an idle month, the bookings in one month, the bookings over a year), with these servers."""
        stores = self.stores(region)
        month = total(self.idle(region)) + stores[mongodb] + stores["Valkey on ElastiCache: 2 × cache.t4g.micro"]
        return month, month + total(self.sales(region)), month * 12 + total(self.sales(region, months=12))

    def per_seat(self, tiers, seats_a_year):
        reached = [tier for tier in tiers if tier["from_seats_a_year"] <= seats_a_year]
        return max(reached, key=lambda tier: tier["from_seats_a_year"]) if reached else tiers[0]


def total(lines):
    return sum((money for _, _, money in lines), Money())


def table(head, rows, words=()):
    """Markdown; numbers to the right in every column but the first and those of `words`."""
    aligned = ["---" if column == 0 or column in words else "---:" for column in range(len(head))]
    out = ["| " + " | ".join(head) + " |", "|" + "|".join(aligned) + "|"]
    return "\n".join(out + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows])


def by_region(lines_of, sum_of):
    """One row a line, one column a region, and their sum."""
    columns = [lines_of(region) for region in REGIONS]
    rows = [(line[0], line[1], *(column[i][2] for column in columns)) for i, line in enumerate(columns[0])]
    rows.append((f"**{sum_of}**", "", *(f"**{total(column)}**" for column in columns)))
    return table(["", "how much", *(f"{region}, $" for region in REGIONS)], rows)


def sales_table(model):
    text = by_region(model.sales, "sum")
    sums = [(region, total(model.sales(region)).usd) for region in REGIONS]
    cents = ", ".join(f"{usd / model.bookings * 100:.4f} cents in {region}" for region, usd in sums)
    other = ", ".join(str(model.sales(region, "x86_64")[2][2]) for region in REGIONS)
    each = str(model.price("trace", REGIONS[0]) * (model.quantities()["traces_by_function"] / MILLION))
    return (
        f"{text}\n\nA booking: {cents}. With `Architecture=x86_64` the line of Lambda's time is {other}.\n"
        f"X-Ray's line is {each} where the one trace a second is each function's and not the account's,\n"
        "and nothing with `Tracing=PassThrough`."
    )


def durations_table(model):
    def row(name, calls):
        figures, memory = model.functions[name], model.deployed["memory_mb"][name]
        trips = model.assumed["round_trips"][name]
        cpu, logged = figures["cpu_ms"] or "–", model.log_bytes(name, name in model.calls)
        cells = [f"`{name}`", calls, memory, figures["p50_ms"], cpu, trips, model.billed_ms(name)]
        return cells + [f"{logged:,.0f}", f"{figures['answer_bytes']:,}"]

    mix = model.assumed["calls_a_booking"]
    rows = [row(name, mix[name]) for name in model.calls] + [row("expire-reservations", "–")]
    head = ["function", "calls a booking", "MB", "p50, ms", "CPU, ms", "round trips", "billed, ms"]
    return table(head + ["log bytes", "answer bytes"], rows)


def stores_table(model):
    columns = [model.stores(region) for region in REGIONS]
    rows = [(name, *(column[name] for column in columns)) for name in columns[0]]
    return table(["", *(f"{region}, $" for region in REGIONS)], rows)


def totals_table(model):
    kinds = ["MongoDB Atlas M10", "MongoDB Atlas M30", "MongoDB of your own: 3 × t4g.small, 20 GB each"]
    rows = [(f"{region}, {kind.split(':')[0]}", *model.totals(region, kind)) for region in REGIONS for kind in kinds]
    million = f"{model.bookings:,.0f} bookings"
    return table(["", "an idle month, $", f"a month with {million}, $", f"a year with {million}, $"], rows)


def seats_table(model):
    seats, rows = model.bookings * model.assumed["seats_a_booking"], []
    for number, prices in enumerate(model.seats_io["tables"], 1):
        for times, when in ((1, "in a year"), (12, "in each month of a year")):
            tier = model.per_seat(prices["tiers"], seats * times)
            cost = seats * tier["eur_a_seat"]
            rows.append((f"table {number}, {when}", tier["plan"], f"{tier['eur_a_seat']:.2f}", f"{cost:,.0f}"))
    notes = "\n".join(f"Table {n}: {t['source']}." for n, t in enumerate(model.seats_io["tables"], 1))
    head = ["", "plan", "€ a used seat", f"€ for {model.bookings:,.0f} bookings, {seats:,.0f} seats"]
    return table(head, rows) + "\n\n" + notes


def prices_table(model):
    def shown(value):
        return "not found" if value is None else f"{value:.10f}".rstrip("0").rstrip(".")

    rows = [
        (price["what"], price["unit"], *(shown(price[region]) for region in REGIONS), price["source"], price["read"])
        for price in model.prices.values()
    ]
    head = ["what", "unit", *(f"{region}, $" for region in REGIONS), "source", "read"]
    return table(head, rows, words=(1, 4, 5))


BLOCKS = {
    "durations": durations_table,
    "sales": sales_table,
    "idle": lambda model: by_region(model.idle, "sum"),
    "stores": stores_table,
    "totals": totals_table,
    "seats": seats_table,
    "prices": prices_table,
}


def blocks(model):
    return {name: f"<!-- cost: {name} -->\n{make(model)}\n<!-- cost ends -->" for name, make in BLOCKS.items()}


def figures(model):
    lines = lambda rows: {name: money.usd for name, _, money in rows}
    return {
        region: {
            "quantities": model.quantities(),
            "sales": {kind: lines(model.sales(region, kind)) for kind in ("arm64", "x86_64")},
            "idle": lines(model.idle(region)),
            "stores": {name: money.usd for name, money in model.stores(region).items()},
        }
        for region in REGIONS
    }


def write(path, made):
    text = path.read_text(encoding="utf-8")
    for name, block in made.items():
        pattern = re.compile(rf"<!-- cost: {name} -->.*?<!-- cost ends -->", re.S)
        text, found = pattern.subn(lambda _: block, text)
        if found != 1:
            sys.exit(f"cost: {path} has {found} places for {name}, not one")
    path.write_text(text, encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description="What the backend costs: the tables of docs/COST.md.")
    parser.add_argument("--inputs", type=Path, default=DOCS / "cost-inputs.json")
    parser.add_argument("--prices", type=Path, default=DOCS / "cost-prices.json")
    parser.add_argument("--bookings", type=float, default=MILLION)
    parser.add_argument("--json", action="store_true", help="the figures for programs")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/COST.md")
    arguments = parser.parse_args()
    inputs, prices = (json.loads(path.read_text(encoding="utf-8")) for path in (arguments.inputs, arguments.prices))
    model = Model(inputs, prices, arguments.bookings)
    if arguments.json:
        print(json.dumps(figures(model), indent=2))
    elif arguments.write:
        write(DOCS / "COST.md", blocks(model))
    else:
        print("\n\n".join(blocks(model).values()))


if __name__ == "__main__":
    main()
