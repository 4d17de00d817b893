"""Which files belong to the project: those that git knows or would add."""

import subprocess


def list_files(root, *patterns):
    """Paths below ``root`` which git does not ignore, as Path objects."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(
        [*command, "--", *patterns], cwd=root, capture_output=True, check=True
    )
    names = listed.stdout.decode().split("\0")
    paths = (root / name for name in sorted(set(names)) if name)
    return [path for path in paths if path.is_file()]
