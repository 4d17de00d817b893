"""Start in any Python 3: make the environment, then go on inside it."""

import os
import sys
from concurrent.futures import ThreadPoolExecutor

from . import layout, odoo_source, venv
from .console import SandboxError, say

WITHOUT_ODOO = ("lint", "stop")


def main():
    try:
        python = prepare(sys.argv[1:])
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


def prepare(arguments):
    """The ``python`` to go on with; what else has to be fetched comes beside it."""
    with ThreadPoolExecutor() as pool:
        environment = pool.submit(venv.ensure)
        if not set(arguments) & {*WITHOUT_ODOO, "-h", "--help"}:
            pool.submit(odoo_source.ensure).result()
        return environment.result()


if __name__ == "__main__":
    sys.exit(main())
