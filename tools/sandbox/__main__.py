"""Start in any Python 3: make the environment, then go on inside it."""

import os
import sys
from concurrent.futures import ThreadPoolExecutor

from . import layout, libraries, odoo_source, venv
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
    wanted = [venv.ensure, libraries.ensure_printing, odoo_source.ensure]
    if set(arguments) & {*WITHOUT_ODOO, "-h", "--help"}:
        wanted = [venv.ensure]
    else:
        libraries.check_machine()
    with ThreadPoolExecutor() as pool:
        running = [pool.submit(ensure) for ensure in wanted]
        return [future.result() for future in running][0]


if __name__ == "__main__":
    sys.exit(main())
