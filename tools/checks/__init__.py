"""Checks of this project's own conventions; standard library only, but for views."""
