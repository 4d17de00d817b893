from hypothesis import HealthCheck

# Examples post documents: they take as long as a busy machine makes them take, and the
# same ones are tried everywhere.
PROPERTY = {
    "deadline": None,
    "derandomize": True,
    "suppress_health_check": list(HealthCheck),
}
