"""Everything a database holds, as bytes to search in: what somebody with a copy of it could read."""

from pathlib import Path

from django.contrib.sessions.models import Session
from django.db import connection


def everything_stored():
    """Name of the place → its bytes: every table as rows, the database's own files or dump, every session opened."""
    places = {f"table {name}": _rows(name) for name in connection.introspection.table_names()}
    places |= {f"file {name}": content for name, content in _as_it_lies_there()}
    for session in Session.objects.all():
        places[f"session {session.pk}"] = repr(session.get_decoded()).encode()
    return places


def places_with(words):
    """Where these words stand in any of the ways in which text is stored."""
    ways = [words.encode(), words.encode().hex().encode(), words.encode("unicode_escape")]
    return [place for place, content in everything_stored().items() if any(way in content for way in ways)]


def _rows(table):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
        cells = [cell for row in cursor.fetchall() for cell in row]
    return b"\0".join(bytes(cell) if isinstance(cell, bytes | memoryview) else str(cell).encode() for cell in cells)


def _as_it_lies_there():
    """SQLite: the file and its write-ahead log. PostgreSQL: each table as `pg_dump` would copy it."""
    if connection.vendor == "sqlite":
        file = Path(connection.settings_dict["NAME"])
        for one in (file, file.with_name(file.name + "-wal")):
            if one.exists():
                yield one.name, one.read_bytes()
        return
    for table in connection.introspection.table_names():
        with connection.cursor() as cursor, cursor.copy(f'COPY "{table}" TO STDOUT') as copy:
            yield f"copy of {table}", b"".join(bytes(part) for part in copy)
