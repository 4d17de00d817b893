"""What is found: names of Odoo that ours rely on, and those that are lacking."""

from pathlib import Path


class Report:
    """Findings with their place, and everything of Odoo that is relied on."""

    def __init__(self, root):
        self.root = Path(root)
        self.findings = {}
        self.relied = {}

    def lack(self, path, line, text):
        place = f"{Path(path).relative_to(self.root)}:{line}"
        self.findings[f"{place}: {text}"] = None

    def rely(self, owner, name):
        self.relied.setdefault(owner, set()).add(name)

    def list_relied(self):
        return [
            f"{owner}: {', '.join(sorted(names))}"
            for owner, names in sorted(self.relied.items())
        ]

    def count_relied(self):
        return sum(map(len, self.relied.values()))
