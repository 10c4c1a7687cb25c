<?php
// A client of PHP: `php client.php mysqli|pdo`, driven over stdin and stdout as ../README.md says.

final class Cannot extends Exception {}

function say(array $fact): void {
    echo json_encode($fact, JSON_UNESCAPED_UNICODE | JSON_INVALID_UTF8_SUBSTITUTE), "\n";
    flush();
}
function heard(): array { return json_decode(fgets(STDIN), true); }

interface Link {
    /** @return list<list<mixed>> */
    public function rows(string $sql, ?array $values = null, bool $prepared = false): array;
}

final class Mysqli_ implements Link {
    private mysqli $link;
    public function __construct(array $way) {
        mysqli_report(MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT);
        $this->link = mysqli_init();
        $flags = 0;
        if ($way['tls'] !== null) {
            $this->link->ssl_set($way['tls']['key'], $way['tls']['cert'], $way['tls']['ca'], null, null);
            $this->link->options(MYSQLI_OPT_SSL_VERIFY_SERVER_CERT, true);
            $flags = MYSQLI_CLIENT_SSL;
        }
        // The name localhost is taken for the socket.
        $host = $way['socket'] === null ? '127.0.0.1' : 'localhost';
        $this->link->real_connect($host, $way['user'], $way['password'], $way['database'], $way['port'] ?? 0, $way['socket'], $flags);
        $this->link->set_charset('utf8mb4');
    }
    public function rows(string $sql, ?array $values = null, bool $prepared = false): array {
        if ($values !== null && !$prepared) {
            $quoted = array_map(fn($v) => $v === null ? 'null' : "'" . $this->link->real_escape_string((string) $v) . "'", $values);
            $sql = vsprintf(str_replace('?', '%s', $sql), $quoted);
        }
        if (!$prepared) {
            $result = $this->link->query($sql);
            return $result === true ? [] : $result->fetch_all(MYSQLI_NUM);
        }
        $statement = $this->link->prepare($sql);
        $statement->execute($values);
        $result = $statement->get_result();
        return $result === false ? [] : $result->fetch_all(MYSQLI_NUM);
    }
}

final class Pdo_ implements Link {
    private PDO $link;
    public function __construct(array $way) {
        $place = $way['socket'] === null ? "host=127.0.0.1;port={$way['port']}" : "unix_socket={$way['socket']}";
        $options = [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION];
        if ($way['tls'] !== null) {
            $options[PDO::MYSQL_ATTR_SSL_CA] = $way['tls']['ca'];
            $options[PDO::MYSQL_ATTR_SSL_VERIFY_SERVER_CERT] = true;
            if ($way['tls']['cert'] !== null) {
                $options[PDO::MYSQL_ATTR_SSL_CERT] = $way['tls']['cert'];
                $options[PDO::MYSQL_ATTR_SSL_KEY] = $way['tls']['key'];
            }
        }
        $this->link = new PDO("mysql:$place;dbname={$way['database']};charset=utf8mb4", $way['user'], $way['password'], $options);
    }
    public function rows(string $sql, ?array $values = null, bool $prepared = false): array {
        $this->link->setAttribute(PDO::ATTR_EMULATE_PREPARES, !$prepared);
        if ($values === null && !$prepared) $statement = $this->link->query($sql);
        else {
            $statement = $this->link->prepare($sql);
            $statement->execute($values ?? []);
        }
        return $statement->columnCount() === 0 ? [] : $statement->fetchAll(PDO::FETCH_NUM);
    }
}

$connect = fn(array $way): Link => $argv[1] === 'pdo' ? new Pdo_($way) : new Mysqli_($way);

function told(Throwable $error): array {
    if ($error instanceof PDOException) {
        $info = $error->errorInfo;
        if ($info !== null) return ['errno' => (int) $info[1], 'sqlState' => $info[0], 'message' => $info[2]];
        return ['errno' => (int) $error->getCode(), 'sqlState' => null, 'message' => $error->getMessage()];
    }
    $state = $error instanceof mysqli_sql_exception ? $error->getSqlState() : null;
    return ['errno' => (int) $error->getCode(), 'sqlState' => $state, 'message' => $error->getMessage()];
}
function failure(Link $c, string $sql): ?array {
    try {
        @$c->rows($sql);
        return null;
    } catch (Exception $error) {
        return told($error);
    }
}
function plain(mixed $value): ?string { return $value === null ? null : (string) $value; }
function written(mixed $value): string { return get_debug_type($value) . ' ' . (is_float($value) ? var_export($value, true) : (string) $value); }

function parameters(Link $c, array $plan, int $base, bool $prepared): array {
    foreach ($plan['bodies'] as $at => $body) $c->rows('insert into notes (id, body) values (?, ?)', [$base + $at, $body], $prepared);
    $back = [];
    foreach ($plan['bodies'] as $at => $_) $back[] = plain($c->rows('select body from notes where id = ?', [$base + $at], $prepared)[0][0]);
    return $back;
}
function types(Link $c, Link $direct, array $plan, bool $prepared): array {
    $ours = $c->rows($plan['types'], null, $prepared);
    $theirs = $direct->rows($plan['types'], null, $prepared);
    if (count($ours) !== count($theirs)) return [count($ours) . ' rows for ' . count($theirs)];
    $differing = [];
    foreach ($ours as $y => $row)
        foreach ($row as $x => $value)
            if (written($value) !== written($theirs[$y][$x]))
                $differing[] = substr(written($value), 0, 80) . ' for ' . substr(written($theirs[$y][$x]), 0, 80);
    return $differing;
}

$checks = [
    'text' => fn(Link $c, array $plan) => array_map('plain', $c->rows($plan['text'])[0]),
    'parameters' => fn(Link $c, array $plan) => parameters($c, $plan, $plan['base'], false),
    'prepared' => fn(Link $c, array $plan) => parameters($c, $plan, $plan['base'] + 10, true),
    'types' => fn(Link $c, array $plan) => types($c, $connect($plan['direct']), $plan, false),
    'types, prepared' => fn(Link $c, array $plan) => types($c, $connect($plan['direct']), $plan, true),
    'errors' => fn(Link $c, array $plan) => [...array_map(fn($sql) => failure($c, $sql), $plan['errors']), plain($c->rows('select 1')[0][0])],
    'big' => function (Link $c, array $plan) {
        $value = str_repeat('0123456789abcdef', intdiv($plan['big'], 16));
        $c->rows('insert into large (id, body) values (?, ?)', [$plan['base'], $value], true);
        $back = $c->rows('select body from large where id = ?', [$plan['base']], true)[0][0];
        $over = str_repeat('x', $plan['overPacket']);
        return [
            'same' => $back === $value,
            'overPacket' => failure($c, "insert into large (id, body) values (0, '$over')"),
            'tooBig' => failure($c, $plan['tooBig']),
        ];
    },
    'cancel' => function (Link $c, array $plan) {
        $id = (int) $c->rows('select connection_id()')[0][0];
        if ($plan['cancel'] === null) return failure($c, "kill query $id");
        say(['event' => 'sleeping', 'id' => $id]);
        $seen = failure($c, $plan['cancel']);
        return ['seen' => $seen, 'after' => plain($c->rows('select 1')[0][0])];
    },
    'reconnect' => function (Link $c, array $plan) use ($connect) {
        say(['event' => 'cut']);
        $lost = failure($c, $plan['cut']);
        heard();
        return ['lost' => $lost, 'after' => plain($connect($plan['way'])->rows('select 1')[0][0])];
    },
];

function attempt(array $fact, callable $work): void {
    try {
        say([...$fact, 'got' => $work()]);
    } catch (Cannot $reason) {
        say([...$fact, 'cannot' => $reason->getMessage()]);
    } catch (Throwable $error) {
        say([...$fact, 'error' => told($error)]);
    }
}

ini_set('display_errors', 'stderr');
ini_set('memory_limit', '1G');
$plan = heard();
foreach ($plan['ways'] as $way) attempt(['login' => $way['name']], fn() => plain($connect($way)->rows('select user()')[0][0]));
if ($plan['checks'] !== null) {
    foreach ($checks as $name => $check)
        attempt(['check' => $name], fn() => $check($connect($plan['checks']['way']), $plan['checks']));
}
