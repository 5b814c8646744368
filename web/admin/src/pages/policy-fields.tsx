import type { Schemas } from "@unified-booking/client";
import { useState } from "preact/hooks";
import { decimal, minorUnits, money } from "../format.js";
import { Input } from "../ui.js";

type Policy = Schemas["CancellationPolicy"];

const MOST_TIERS = 10;
/** Most organisers begin with this: all money back, up to two days before the start. */
const FIRST_TIER = { hoursBefore: 48, refundPercent: 100 };

/** A line for each tier of what buyers get back. Without tiers, buyers cannot cancel. */
export function PolicyFields({ policy, currency }: { policy?: Policy; currency?: string }) {
  const [tiers, setTiers] = useState((policy?.tiers ?? []).map((tier, id) => ({ ...tier, id })));
  const add = () => {
    const last = tiers.at(-1);
    const next = last ? { hoursBefore: 0, refundPercent: 50 } : FIRST_TIER;
    setTiers([...tiers, { ...next, id: (last?.id ?? -1) + 1 }]);
  };
  return (
    <fieldset class="choices lines">
      <legend>Cancellation by buyers</legend>
      {tiers.length === 0 && <p class="muted">Buyers cannot cancel.</p>}
      {tiers.map(({ id, hoursBefore, refundPercent }) => (
        <div key={id} class="tier">
          <Input
            label="Hours before the start"
            name="hoursBefore"
            type="number"
            min="0"
            max="87600"
            required
            defaultValue={hoursBefore}
          />
          <Input
            label="Percent back"
            name="refundPercent"
            type="number"
            min="0"
            max="100"
            required
            defaultValue={refundPercent}
          />
          <button
            type="button"
            aria-label={`Remove step ${tiers.findIndex((tier) => tier.id === id) + 1}`}
            onClick={() => setTiers(tiers.filter((tier) => tier.id !== id))}
          >
            Remove
          </button>
        </div>
      ))}
      {tiers.length > 0 && (
        <Input
          label="Fee for each seat"
          name="feePerSeat"
          inputMode="decimal"
          placeholder="none"
          defaultValue={policy?.feePerSeat ? decimal(policy.feePerSeat, currency ?? "") : ""}
          hint="It is taken off the refund."
        />
      )}
      {tiers.length < MOST_TIERS && (
        <button type="button" onClick={add}>
          {tiers.length === 0 ? "Let buyers cancel" : "Add a step"}
        </button>
      )}
    </fieldset>
  );
}

/** The policy from the form. Undefined if buyers cannot cancel. */
export function policyOf(fields: FormData, currency: string): Policy | undefined {
  const percents = fields.getAll("refundPercent");
  const tiers = fields.getAll("hoursBefore").map((hours, index) => ({
    hoursBefore: Number(hours),
    refundPercent: Number(percents[index]),
  }));
  if (tiers.length === 0) return undefined;
  tiers.sort((a, b) => b.hoursBefore - a.hoursBefore);
  const typed = String(fields.get("feePerSeat") ?? "").trim();
  const feePerSeat = typed ? minorUnits(typed, currency) : 0;
  if (feePerSeat === undefined) throw new Error(`Write the fee in ${currency}, such as 12.`);
  return { tiers, ...(feePerSeat > 0 && { feePerSeat }) };
}

/** A policy in words, such as "48 h before: 100 %, 2 h before: 50 %". */
export function policyWords(policy: Policy | undefined, currency: string): string {
  if (!policy?.tiers.length) return "Buyers cannot cancel";
  const tiers = policy.tiers.map(
    ({ hoursBefore, refundPercent }) => `${hoursBefore} h before: ${refundPercent} %`,
  );
  const fee = policy.feePerSeat ? [`less ${money(policy.feePerSeat, currency)} a seat`] : [];
  return [...tiers, ...fee].join(", ");
}
