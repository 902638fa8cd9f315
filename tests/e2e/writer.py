"""An application that writes through the endpoint's name, with retry and back-off."""

import threading
import time

import redis

from group import resolve


class Named(redis.Connection):
    """A connection that asks Primacy's DNS for the name at each connect, as one with that resolver would."""

    def __init__(self, *, dns_port, name, **rest):
        super().__init__(**rest)
        self.dns_port, self.name = dns_port, name

    def _connect(self):
        self.host = resolve(self.dns_port, self.name)
        return super()._connect()


def client(group, name, **rest):
    """A redis-py client whose connections follow `name`."""
    settings = {"socket_timeout": 0.3, "socket_connect_timeout": 0.3, "port": 6379, "decode_responses": True, **rest}
    pool = redis.ConnectionPool(connection_class=Named, dns_port=group.dns, name=name, max_connections=4, **settings)
    return redis.Redis(connection_pool=pool)


class Writer(threading.Thread):
    """Writes numbers in turn; remembers what was acknowledged, and what WAIT 1 confirmed."""

    def __init__(self, group, name):
        super().__init__(daemon=True)
        self.redis = client(group, name)
        self.acknowledged, self.confirmed, self.errors = [], [], []
        self.stop = threading.Event()

    def run(self):
        number, pause = 0, 0.01
        while not self.stop.is_set():
            number += 1
            try:
                with self.redis.client() as one:
                    one.set(f"n{number}", number)
                    self.acknowledged.append((time.monotonic(), number))
                    if one.execute_command("WAIT", 1, 200) >= 1:
                        self.confirmed.append(number)
                pause = 0.01
            except (redis.RedisError, OSError) as error:
                self.errors.append((time.monotonic(), error))
                time.sleep(pause)
                pause = min(pause * 2, 0.1)

    def finish(self):
        self.stop.set()
        self.join(timeout=10)

    def longest_gap(self):
        """Seconds between two acknowledged writes, at most."""
        times = [at for at, _ in self.acknowledged]
        return max((b - a for a, b in zip(times, times[1:])), default=0.0)
