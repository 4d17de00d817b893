"""A small client of Odoo's JSON-2 API, as a partner's program would write it."""

import requests


class Refused(Exception):
    """The server said no: its status, the name of its error and its sentence."""

    def __init__(self, response):
        try:
            body = response.json()
        except ValueError:
            body = {}
        self.status = response.status_code
        self.name = body.get("name", "")
        self.message = body.get("message", response.text)
        super().__init__(f"{self.status} {self.name}: {self.message}")


class Client:
    """``client.call("res.partner", "read", ids=[7], fields=["name"])``."""

    def __init__(self, url, database, key):
        self.url = url
        self.session = requests.Session()
        self.session.headers["X-Odoo-Database"] = database
        if key:
            self.session.headers["Authorization"] = f"bearer {key}"

    def call(self, model, method, **arguments):
        response = self.session.post(
            f"{self.url}/json/2/{model}/{method}", json=arguments, timeout=120
        )
        if response.status_code != 200:
            raise Refused(response)
        return response.json()

    def read_one(self, model, record_id, *fields):
        return self.call(model, "read", ids=[record_id], fields=list(fields))[0]
