"""Start in any Python 3: make the environment, then go on inside it."""

import os
import sys
from concurrent.futures import ThreadPoolExecutor

from . import layout, odoo_source, programs, venv
from .console import SandboxError, say

WITHOUT_ODOO = ("lint", "stop")


def main():
    try:
        (command,) = sys.argv[1:]
        python = prepare(command)
        if sys.executable != str(python):
            os.chdir(layout.CHECKOUT)
            os.execv(python, [str(python), "-m", "tools.sandbox", command])
        from .commands import COMMANDS

        return COMMANDS[command]()
    except SandboxError as error:
        say(f"ERROR: {error}")
        return 1
    except KeyboardInterrupt:
        say("Interrupted; run the command again to go on.")
        return 130


def prepare(command):
    """The ``python`` to go on with; what else has to be fetched comes beside it."""
    wanted = [venv.ensure]
    if command not in WITHOUT_ODOO:
        programs.check_machine()
        wanted += [programs.ensure_printing, odoo_source.ensure]
    with ThreadPoolExecutor() as pool:
        running = [pool.submit(ensure) for ensure in wanted]
        return [future.result() for future in running][0]


if __name__ == "__main__":
    sys.exit(main())
