"""docs/commands.md: what every command says of itself; `make commands` writes it.

The words of argparse differ between versions of Python, so the page is that of one of them.
"""

import argparse
import os
import sys
from pathlib import Path

from autograder.assignment import ROOT
from autograder.cli import make_parser

PAGE = ROOT / "docs" / "commands.md"
VERSION = (3, 11)
HEAD = """\
# Every command

What `python -m autograder COMMAND --help` says, for all of them. `autograder` is the same program,
for those who activate the virtual environment; this has a shell complete it:

```sh
.venv/bin/autograder completion bash
```

"""


def page() -> str:
    """The page as it should be."""
    os.environ["COLUMNS"] = "98"
    parser = make_parser()
    parts = [HEAD, "```\n", parser.format_help(), "```\n"]
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, command in action.choices.items():
                parts.append(f"\n## {name}\n\n```\n{command.format_help()}```\n")
    return "".join(parts)


def main(path: Path = PAGE) -> None:
    """Write the page."""
    if sys.version_info[:2] != VERSION:
        sys.exit(f"The page is that of Python {VERSION[0]}.{VERSION[1]}.")
    path.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
