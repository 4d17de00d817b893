class OwnDialogsCommon:
    """Who opens a dialog is the only one who sees it."""

    def assertDialogsAreOnesOwn(self, module):
        """Every dialog that an add-on defines has the rule that says so."""
        rules = self.env["ir.rule"].with_user(self.user)
        dialogs = [
            model._name
            for model in self.env.registry.values()
            if model._transient and model._original_module == module
        ]
        self.assertGreater(len(dialogs), 8)
        for name in dialogs:
            for mode in ("read", "write", "unlink"):
                with self.subTest(name, mode=mode):
                    self.assertIn("create_uid", str(rules._compute_domain(name, mode)))
