"""A client of Python: `python3 client.py DRIVER`, driven over stdin and stdout as ../README.md says."""

import datetime
import decimal
import json
import sys

DRIVER = sys.argv[1]


class Cannot(Exception):
    """What this client has no way to do, in words for the table."""


def say(**fact):
    print(json.dumps(fact), flush=True)


def heard():
    return json.loads(sys.stdin.readline())


if DRIVER == "pymysql":
    import pymysql as module

    Failed = module.err.MySQLError

    def connect(way):
        where = {"unix_socket": way["socket"]} if way["socket"] else {"host": way["host"], "port": way["port"]}
        tls = way["tls"]
        if tls:
            where["ssl"] = {"ca": tls["ca"], "verify_mode": True, "check_hostname": True}
            if tls["cert"]:
                where["ssl"].update(cert=tls["cert"], key=tls["key"])
        else:
            where["ssl_disabled"] = True
        return module.connect(
            user=way["user"], password=way["password"], database=way["database"], charset="utf8mb4",
            autocommit=True, max_allowed_packet=64 << 20, **where
        )

elif DRIVER == "mysqlclient":
    import MySQLdb as module

    Failed = module.Error

    def connect(way):
        # The name localhost would be taken for the socket.
        where = {"unix_socket": way["socket"]} if way["socket"] else {"host": "127.0.0.1", "port": way["port"]}
        tls = way["tls"]
        if tls:
            where["ssl"] = {"ca": tls["ca"]}
            if tls["cert"]:
                where["ssl"].update(cert=tls["cert"], key=tls["key"])
        return module.connect(
            user=way["user"], password=way["password"], database=way["database"], charset="utf8mb4",
            autocommit=True, **where
        )

else:
    import mysql.connector as module

    Failed = module.Error

    def connect(way):
        where = {"unix_socket": way["socket"]} if way["socket"] else {"host": way["host"], "port": way["port"]}
        tls = way["tls"]
        if tls:
            where.update(ssl_ca=tls["ca"], ssl_verify_cert=True, ssl_verify_identity=True)
            if tls["cert"]:
                where.update(ssl_cert=tls["cert"], ssl_key=tls["key"])
        else:
            where["ssl_disabled"] = True
        if way["method"] == "mysql_clear_password":
            where["auth_plugin"] = way["method"]
        return module.connect(
            user=way["user"], password=way["password"], database=way["database"], charset="utf8mb4",
            autocommit=True, use_pure=True, **where
        )


def told(error):
    number = error.args[0] if error.args and isinstance(error.args[0], int) else 0
    return {"errno": number, "sqlState": getattr(error, "sqlstate", None), "message": str(error.args[1] if len(error.args) > 1 else error)}


def rows(connection, sql, parameters=None, prepared=False):
    if prepared and DRIVER != "connector":
        raise Cannot("no prepared statements of the protocol in this driver")
    cursor = connection.cursor(prepared=True) if prepared else connection.cursor()
    # A driver without statements of the protocol puts the values into the text itself.
    text = sql if prepared else sql.replace("?", "%s")
    if parameters is None:
        cursor.execute(sql)
    else:
        cursor.execute(text, parameters)
    found = [list(row) for row in cursor.fetchall()] if cursor.description else []
    cursor.close()
    return found


def plain(value):
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).decode("utf-8")
    return str(value)


def written(value):
    """A value in a form in which equal values are equal and no others."""
    kinds = (datetime.timedelta, datetime.datetime, datetime.date, decimal.Decimal)
    if isinstance(value, (set, frozenset)):
        return "set " + repr(sorted(value))
    return repr(bytes(value)) if isinstance(value, bytearray) else f"{type(value).__name__} {value}" if isinstance(value, kinds) else repr(value)


def differing(ours, theirs):
    ours, theirs = ([[written(v) for v in row] for row in table] for table in (ours, theirs))
    return [f"{a[:80]} for {b[:80]}" for x, y in zip(ours, theirs) for a, b in zip(x, y) if a != b] + (
        [] if len(ours) == len(theirs) else [f"{len(ours)} rows for {len(theirs)}"]
    )


def text(c, plan):
    return [plain(v) for v in rows(c, plan["text"])[0]]


def parameters(c, plan, prepared):
    base = plan["base"]
    for at, body in enumerate(plan["bodies"]):
        rows(c, "insert into notes (id, body) values (?, ?)", (base + at, body), prepared)
    return [plain(rows(c, "select body from notes where id = ?", (base + at,), prepared)[0][0]) for at in range(len(plan["bodies"]))]


def types(c, plan, prepared):
    direct = connect(plan["direct"])
    # Connector/Python takes a YEAR of the binary protocol for text, from any server, and loses its place in the row.
    sql = plan["types"].replace("c_year,", "cast(c_year as char) as c_year,") if prepared else plan["types"]
    return differing(rows(c, sql, None, prepared), rows(direct, sql, None, prepared))


def big(c, plan):
    value = "0123456789abcdef" * (plan["big"] // 16)
    rows(c, "insert into large (id, body) values (?, ?)", (plan["base"], value))
    back = rows(c, "select body from large where id = ?", (plan["base"],))[0][0]
    over = "x" * plan["overPacket"]
    return {
        "same": plain(back) == value,
        "overPacket": failure(c, f"insert into large (id, body) values (0, '{over}')"),
        "tooBig": failure(c, plan["tooBig"]),
    }


def failure(c, sql):
    try:
        rows(c, sql)
    except Failed as error:
        return told(error)
    return None


def errors(c, plan):
    return [failure(c, sql) for sql in plan["errors"]] + [plain(rows(c, "select 1")[0][0])]


def cancel(c, plan):
    number = rows(c, "select connection_id()")[0][0]
    if plan["cancel"] is None:
        return failure(c, f"kill query {number}")
    say(event="sleeping", id=int(number))
    seen = failure(c, plan["cancel"])
    return {"seen": seen, "after": plain(rows(c, "select 1")[0][0])}


def reconnect(c, plan):
    say(event="cut")
    lost = failure(c, plan["cut"])
    heard()
    return {"lost": lost, "after": plain(rows(connect(plan["way"]), "select 1")[0][0])}


CHECKS = {
    "text": text,
    "parameters": lambda c, plan: parameters(c, plan, False),
    "prepared": lambda c, plan: parameters(c, {**plan, "base": plan["base"] + 10}, True),
    "types": lambda c, plan: types(c, plan, False),
    "types, prepared": lambda c, plan: types(c, plan, True),
    "errors": errors,
    "big": big,
    "cancel": cancel,
    "reconnect": reconnect,
}

plan = heard()
for way in plan["ways"]:
    try:
        c = connect(way)
        say(login=way["name"], got=plain(rows(c, "select user()")[0][0]))
        c.close()
    except Cannot as reason:
        say(login=way["name"], cannot=str(reason))
    except Exception as error:
        say(login=way["name"], error=told(error))
if plan["checks"]:
    for name, check in CHECKS.items():
        try:
            say(check=name, got=check(connect(plan["checks"]["way"]), plan["checks"]))
        except Cannot as reason:
            say(check=name, cannot=str(reason))
        except Exception as error:
            say(check=name, error={**told(error), "kind": type(error).__name__})
