"""Speak all lines of files: `python -m bulk LINES... --out OUT`, or `make bulk LINES=... OUT=...`; see docs/bulk.md."""

from __future__ import annotations

import argparse
import os
import sys

from bulk.errors import BulkError


def main() -> int:
    """Speak what the command line asks for.

    Returns:
        0 where every row has its sound now, 1 where not.
    """
    arguments = _arguments()
    # Ray and torch take seconds to import: not before the command line is known to be right.
    import ray
    from botocore.exceptions import BotoCoreError, ClientError

    from bulk.cluster import connect
    from bulk.model import digest, fetch
    from bulk.places import absolute, expand
    from bulk.planning import Order
    from bulk.rows import kind_of
    from bulk.run import run
    from bulk.voices import read_voices
    from contract.invocation import DEFAULT_LUFS
    from engine.checkpoint import ModelError

    try:
        sources = expand(arguments.lines)
        for source in sources:
            kind_of(source)
        order = Order(
            sources=tuple(sources),
            out=absolute(arguments.out),
            model=absolute(arguments.model),
            model_digest=digest(fetch(arguments.model)),
            voices=read_voices(arguments.voices),
            fallback_champion=os.environ.get("FALLBACK_CHAMPION") or None,
            lufs=float(os.environ.get("LOUDNESS_LUFS") or DEFAULT_LUFS),
        )
        connect()
        summary = run(order, arguments.keep_going, arguments.actors, arguments.gpus)
    except (BulkError, ModelError, BotoCoreError, ClientError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. What was spoken is kept; the same command goes on from there.", file=sys.stderr)
        return 130
    finally:
        ray.shutdown()
    print(summary.text(arguments.price))
    return 1 if summary.failed else 0


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return int(text)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bulk", description=__doc__)
    parser.add_argument("lines", nargs="+", help="JSONL, CSV or Parquet files: paths, s3:// addresses, with * and **")
    parser.add_argument("--out", required=True, help="folder or s3:// address for the sounds and the manifest")
    parser.add_argument("--voices", default="voices", help="folder or s3:// address with a folder for each champion")
    parser.add_argument("--model", default="models/small", help="model directory, or its s3:// address")
    parser.add_argument("--keep-going", action="store_true", help="speak the others where rows are wrong")
    parser.add_argument("--actors", type=_count, help="how many models speak at a time; by default one a GPU or socket")
    parser.add_argument("--gpus", action="store_true", help="models wait for GPUs, though the cluster has none yet")
    parser.add_argument("--price", type=float, help="dollars an hour of all that runs, for the summary")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
