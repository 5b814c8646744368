#!/usr/bin/env python3
"""Uploads the dashboard and the shop to a stack that was deployed with HostPages=true.

    python3 scripts/publish_pages.py <stack> [<shop.json>]

`make publish-pages STACK=… SHOP=…` runs it.

It needs AWS's command line (`aws`, or what AWS_CLI names), and pages that `make web` has built.
<shop.json> is the shop's `/config.json` without the addresses, which come from the stack. Without
<shop.json> only the dashboard is uploaded.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

AWS = os.environ.get("AWS_CLI", "aws")
WEB = Path(__file__).resolve().parent.parent / "web"
REQUIRED = ["appId", "apiKey", "name"]
FROM_THE_STACK = ["baseUrl", "feedUrl"]
# The names of these files have a hash of their content.
FOR_A_YEAR = ["--cache-control", "public, max-age=31536000, immutable"]
ASK_EACH_TIME = ["--cache-control", "no-cache"]


def aws(*arguments, text=None):
    done = subprocess.run([AWS, *arguments], input=text, text=True, stdout=subprocess.PIPE)
    if done.returncode != 0:
        sys.exit(f"publish: aws {' '.join(arguments[:2])} failed")
    return done.stdout


def outputs_of(stack):
    named = ["--stack-name", stack, "--output", "json"]
    described = json.loads(aws("cloudformation", "describe-stacks", *named))["Stacks"][0]
    outputs = {each["OutputKey"]: each["OutputValue"] for each in described.get("Outputs", [])}
    if "PagesBucketName" not in outputs:
        sys.exit(f"publish: {stack} has no bucket for pages. Deploy it with HostPages=true")
    return outputs


def shop_config(path, api):
    try:
        config = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        sys.exit(f"publish: {path}: {error}")
    for name in REQUIRED:
        if not isinstance(config, dict) or not config.get(name):
            sys.exit(f"publish: {path}: {name} is missing")
    for name in FROM_THE_STACK:
        if name in config:
            sys.exit(f"publish: {path}: leave {name} out, it comes from the stack")
    if str(config["apiKey"]).startswith("ubs_"):
        sys.exit(f"publish: {path}: apiKey is a secret key. Use the app's API key, ubk_…")
    # The feed has the shop's own origin.
    return {"baseUrl": api, "feedUrl": "/", **config}


def upload(site, config, bucket):
    """Uploads files with a hash first, and keeps older ones: no page names a missing file."""
    dist = WEB / site / "dist"
    if not (dist / "index.html").is_file():
        sys.exit(f"publish: {dist} is not built. Run make web")
    target = f"s3://{bucket}/{site}"
    others = ["--exclude", "assets/*", "--exclude", "index.html", "--exclude", "config.json"]
    aws("s3", "cp", str(dist / "assets"), f"{target}/assets", "--recursive", *FOR_A_YEAR)
    aws("s3", "cp", str(dist), target, "--recursive", *others, *ASK_EACH_TIME)
    as_json = ["--content-type", "application/json", *ASK_EACH_TIME]
    aws("s3", "cp", "-", f"{target}/config.json", *as_json, text=json.dumps(config, indent=2))
    aws("s3", "cp", str(dist / "index.html"), f"{target}/index.html", *ASK_EACH_TIME)


def main(stack, shop=None):
    if not shutil.which(AWS):
        sys.exit("publish: AWS's command line is missing: https://aws.amazon.com/cli/")
    outputs = outputs_of(stack)
    api = outputs["ApiUrl"]
    bucket = outputs["PagesBucketName"]
    config = shop_config(shop, api) if shop else None
    upload("admin", {"baseUrl": api}, bucket)
    print(f"dashboard: {outputs['AdminUrl']}, an origin for the parameter AdminOrigins")
    if config:
        upload("shop", config, bucket)
        print(f"shop: {outputs['ShopUrl']}, an origin for the allowedDomains of {config['appId']}")


if __name__ == "__main__":
    if not 2 <= len(sys.argv) <= 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
