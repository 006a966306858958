"""Make the sample calls again.

    python -m samples.make [OUT]

OUT is `samples/` by default.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from samples.make.formats import write, write_corrupt
from samples.make.line import mix
from samples.make.records import record_row, write_records
from samples.make.scenario import Scenario, read_scenarios
from samples.make.timeline import lay_out
from samples.make.truth import truth_of
from samples.make.voice import speak


def make(scenario: Scenario, out: Path) -> dict[str, str] | None:
    """Write one call and its truth; returns its row of the call records."""
    timeline = None if scenario.corrupt else lay_out(scenario, speak)
    truth = json.dumps(truth_of(scenario, timeline), ensure_ascii=False, indent=1)
    (out / f"{scenario.name}.truth.json").write_text(truth + "\n", encoding="utf-8")
    if timeline is None:
        write_corrupt(out, scenario.name, scenario.format)
        return None
    path = write(mix(scenario, timeline), out, scenario.name, scenario.format)
    print(f"{path.name:28} {timeline.duration_ms / 1000:5.1f} s {path.stat().st_size / 1024:6.0f} KB")
    return record_row(scenario, timeline, path.name)


def main() -> None:
    """Make all calls."""
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1]
    out.mkdir(parents=True, exist_ok=True)
    rows = [row for scenario in read_scenarios() if (row := make(scenario, out))]
    write_records(out / "calls.csv", rows)


if __name__ == "__main__":
    main()
