"""`python -m workflow_scripts.store`: the commands of the store."""

import sys

from workflow_scripts.commands.store.main import main

if __name__ == "__main__":
    sys.exit(main())
