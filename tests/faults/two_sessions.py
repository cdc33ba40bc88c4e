"""Two pieces of work on PostgreSQL at once, each on a connection of its own, let on statement by statement."""

from threading import Condition, Thread

from django.db import connection

BLOCKED = 0.15  # seconds after which a session is taken to wait for a lock
ALL = 10**6


class Session(Thread):
    """Work on a connection of its own that waits for a permit before each statement."""

    def __init__(self, work, turn):
        super().__init__(daemon=True)
        self.work, self.turn = work, turn
        self.permits = self.statements = 0
        self.waits = self.is_done = False
        self.result = self.error = None

    def run(self):
        try:
            with connection.execute_wrapper(self.gate):
                self.result = self.work()
        except Exception as error:  # noqa: BLE001 - reported by the test, from the main thread
            self.error = error
        finally:
            connection.close()
            with self.turn:
                self.is_done = True
                self.turn.notify_all()

    def gate(self, execute, sql, params, many, context):
        with self.turn:
            self.waits = True
            self.turn.notify_all()
            self.turn.wait_for(lambda: self.permits > 0)
            self.waits = False
            self.permits -= 1
            self.statements += 1
        return execute(sql, params, many, context)

    def go_on(self, statements):
        """Returns when it has run them, is done, or hangs on a lock."""
        with self.turn:
            self.permits += statements
            self.turn.notify_all()
            self.turn.wait_for(lambda: self.is_done or (self.waits and not self.permits), timeout=BLOCKED)


def together(first, second, order, sizes):
    """Runs both, part by part in that order, and the rest freely; their results."""
    turn = Condition()
    sessions = [Session(first, turn), Session(second, turn)]
    for session in sessions:
        session.start()
    for number in order:
        sessions[number].go_on(sizes[number])
    for session in sessions:
        session.go_on(ALL)
    for session in sessions:
        session.join(timeout=20)
        assert not session.is_alive(), "they wait for each other"
        if session.error:
            raise session.error
    return sessions[0].result, sessions[1].result


def alone(work):
    """How many statements it takes by itself."""
    session = Session(work, Condition())
    session.start()
    session.go_on(ALL)
    session.join(timeout=20)
    return session.statements
