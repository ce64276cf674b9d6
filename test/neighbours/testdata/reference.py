"""Writes a board's file as the reference system does, until its input ends.

usage: reference.py DATABASE [daemon]

It opens the database for a few commits and closes it again; a daemon keeps one
connection. Beside its own connection it opens and closes the file: to read the
header before it connects, and the page count after every commit. Each of these
closes takes its locks away. It says the id of each task that was committed.
"""

import json
import secrets
import sqlite3
import sys
import threading
import time


def probe(path, at, size):
    with open(path, "rb") as f:
        f.seek(at)
        return f.read(size)


def connect(path):
    probe(path, 0, 16)
    board = sqlite3.connect(path, timeout=10, isolation_level=None)
    board.execute("PRAGMA journal_mode=WAL")
    board.execute("PRAGMA synchronous=NORMAL")
    board.execute("PRAGMA foreign_keys=ON")
    return board


def create(board, path):
    task, now = "t_" + secrets.token_hex(8), int(time.time())
    board.execute("BEGIN IMMEDIATE")
    try:
        board.execute(
            "INSERT INTO tasks (id, title, assignee, status, priority, created_at, workspace_kind)"
            " VALUES (?, 'by the reference', 'mason', 'blocked', 0, ?, 'scratch')",
            (task, now),
        )
        board.execute(
            "INSERT INTO task_events (task_id, run_id, kind, payload, created_at) VALUES (?, NULL, 'created', ?, ?)",
            (task, json.dumps({"assignee": "mason"}), now),
        )
        board.execute(
            "INSERT INTO task_comments (task_id, author, body, created_at) VALUES (?, 'user', 'please', ?)", (task, now)
        )
        board.execute("COMMIT")
    except BaseException:
        board.execute("ROLLBACK")
        raise
    probe(path, 28, 4)
    print(task, flush=True)


def main():
    path, daemon = sys.argv[1], sys.argv[2:] == ["daemon"]
    ended = threading.Event()

    def await_end():
        sys.stdin.read()
        ended.set()

    threading.Thread(target=await_end, daemon=True).start()
    while not ended.is_set():
        board = connect(path)
        commits = 0
        while not ended.is_set() and (daemon or commits < 5):
            try:
                create(board, path)
                commits += 1
            except sqlite3.OperationalError as e:
                if "locked" not in str(e):  # it waited in vain, and was told so
                    raise
        board.close()


main()
