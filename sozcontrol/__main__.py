"""``python -m sozcontrol``."""

import sys

from sozcontrol.cli import main

if __name__ == "__main__":
    sys.exit(main())
