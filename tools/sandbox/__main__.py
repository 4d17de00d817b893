"""Start in any Python 3: make the environment, then go on inside it."""

import os
import sys

from . import layout, venv
from .console import SandboxError, say


def main():
    try:
        python = venv.ensure()
        if sys.executable != str(python):
            module = [str(python), "-m", "tools.sandbox", *sys.argv[1:]]
            os.chdir(layout.CHECKOUT)
            os.execv(python, module)
        from . import commands

        return commands.main(sys.argv[1:])
    except SandboxError as error:
        say(f"ERROR: {error}")
        return 1
    except KeyboardInterrupt:
        say("Interrupted; run the command again to go on.")
        return 130


if __name__ == "__main__":
    sys.exit(main())
