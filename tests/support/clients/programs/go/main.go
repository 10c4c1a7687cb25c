// A client of Go: go-sql-driver, driven over stdin and stdout as ../../README.md says.
package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"

	"github.com/go-sql-driver/mysql"
)

type tlsFiles struct{ Ca, Cert, Key *string }

type way struct {
	Name, Host, User, Password, Database, Method string
	Port                                         int
	Socket                                       *string
	Tls                                          *tlsFiles
}

type plan struct {
	Ways   []way
	Checks *checks
}

type checks struct {
	Way, Direct      way
	Base, Big        int
	OverPacket       int
	Bodies           []*string
	Errors           []string
	Text, Types, Cut string
	TooBig           string
	Cancel           *string
}

type told struct {
	Errno    int    `json:"errno"`
	SqlState string `json:"sqlState"`
	Message  string `json:"message"`
}

var in = bufio.NewReader(os.Stdin)

func say(fact map[string]any) {
	line, err := json.Marshal(fact)
	if err != nil {
		panic(err)
	}
	fmt.Println(string(line))
}

func hear(into any) {
	line, err := in.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, into)
	}
	if err != nil {
		panic(err)
	}
}

func connect(w way) (*sql.Conn, error) {
	config := mysql.NewConfig()
	config.User, config.Passwd, config.DBName = w.User, w.Password, w.Database
	config.Net, config.Addr = "tcp", fmt.Sprintf("%s:%d", w.Host, w.Port)
	config.MaxAllowedPacket = 64 << 20
	config.AllowCleartextPasswords = w.Method == "mysql_clear_password"
	if w.Socket != nil {
		config.Net, config.Addr = "unix", *w.Socket
	}
	if w.Tls != nil {
		pem, err := os.ReadFile(*w.Tls.Ca)
		if err != nil {
			return nil, err
		}
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM(pem)
		config.TLS = &tls.Config{RootCAs: roots, ServerName: w.Host}
		if w.Tls.Cert != nil {
			pair, err := tls.LoadX509KeyPair(*w.Tls.Cert, *w.Tls.Key)
			if err != nil {
				return nil, err
			}
			config.TLS.Certificates = []tls.Certificate{pair}
		}
	}
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector).Conn(context.Background())
}

// rows gives every value as a string or nil.
func rows(c *sql.Conn, text string, prepared bool, values ...any) ([][]any, error) {
	ask := func() (*sql.Rows, error) { return c.QueryContext(context.Background(), text, values...) }
	if prepared {
		statement, err := c.PrepareContext(context.Background(), text)
		if err != nil {
			return nil, err
		}
		defer statement.Close()
		ask = func() (*sql.Rows, error) { return statement.QueryContext(context.Background(), values...) }
	}
	found, err := ask()
	if err != nil {
		return nil, err
	}
	defer found.Close()
	columns, err := found.Columns()
	if err != nil {
		return nil, err
	}
	all := [][]any{}
	for found.Next() {
		row, places := make([]any, len(columns)), make([]any, len(columns))
		for at := range row {
			places[at] = &row[at]
		}
		if err := found.Scan(places...); err != nil {
			return nil, err
		}
		all = append(all, row)
	}
	return all, found.Err()
}

func plain(value any) any {
	switch v := value.(type) {
	case nil:
		return nil
	case []byte:
		return string(v)
	}
	return fmt.Sprint(value)
}

func one(c *sql.Conn, text string, prepared bool, values ...any) (any, error) {
	found, err := rows(c, text, prepared, values...)
	if err != nil {
		return nil, err
	}
	return plain(found[0][0]), nil
}

func tell(err error) told {
	var answer *mysql.MySQLError
	if errors.As(err, &answer) {
		return told{int(answer.Number), string(answer.SQLState[:]), answer.Message}
	}
	return told{0, "", err.Error()}
}

func failure(c *sql.Conn, text string) any {
	if _, err := rows(c, text, false); err != nil {
		return tell(err)
	}
	return nil
}

func parameters(c *sql.Conn, p *checks, base int) (any, error) {
	back := []any{}
	for at, body := range p.Bodies {
		if _, err := rows(c, "insert into notes (id, body) values (?, ?)", true, base+at, body); err != nil {
			return nil, err
		}
		value, err := one(c, "select body from notes where id = ?", true, base+at)
		if err != nil {
			return nil, err
		}
		back = append(back, value)
	}
	return back, nil
}

func types(c *sql.Conn, p *checks, prepared bool) (any, error) {
	direct, err := connect(p.Direct)
	if err != nil {
		return nil, err
	}
	ours, err := rows(c, p.Types, prepared)
	if err != nil {
		return nil, err
	}
	theirs, err := rows(direct, p.Types, prepared)
	if err != nil {
		return nil, err
	}
	differing := []string{}
	if len(ours) != len(theirs) {
		return []string{fmt.Sprintf("%d rows for %d", len(ours), len(theirs))}, nil
	}
	for y := range ours {
		for x := range ours[y] {
			if !reflect.DeepEqual(ours[y][x], theirs[y][x]) {
				differing = append(differing, fmt.Sprintf("%.80v for %.80v", ours[y][x], theirs[y][x]))
			}
		}
	}
	return differing, nil
}

func big(c *sql.Conn, p *checks) (any, error) {
	value := strings.Repeat("0123456789abcdef", p.Big/16)
	if _, err := rows(c, "insert into large (id, body) values (?, ?)", true, p.Base, value); err != nil {
		return nil, err
	}
	back, err := one(c, "select body from large where id = ?", true, p.Base)
	if err != nil {
		return nil, err
	}
	over := failure(c, "insert into large (id, body) values (0, '"+strings.Repeat("x", p.OverPacket)+"')")
	return map[string]any{"same": back == value, "overPacket": over, "tooBig": failure(c, p.TooBig)}, nil
}

func attempt(kind, name string, work func() (any, error)) {
	if got, err := work(); err != nil {
		say(map[string]any{kind: name, "error": tell(err)})
	} else {
		say(map[string]any{kind: name, "got": got})
	}
}

func main() {
	var todo plan
	hear(&todo)
	for _, w := range todo.Ways {
		attempt("login", w.Name, func() (any, error) {
			c, err := connect(w)
			if err != nil {
				return nil, err
			}
			defer c.Close()
			return one(c, "select user()", false)
		})
	}
	p := todo.Checks
	if p == nil {
		return
	}
	check := func(name string, work func(c *sql.Conn) (any, error)) {
		attempt("check", name, func() (any, error) {
			c, err := connect(p.Way)
			if err != nil {
				return nil, err
			}
			defer c.Close()
			return work(c)
		})
	}
	check("text", func(c *sql.Conn) (any, error) {
		found, err := rows(c, p.Text, false)
		if err != nil {
			return nil, err
		}
		row := []any{}
		for _, value := range found[0] {
			row = append(row, plain(value))
		}
		return row, nil
	})
	check("parameters", func(c *sql.Conn) (any, error) { return parameters(c, p, p.Base) })
	check("prepared", func(c *sql.Conn) (any, error) { return parameters(c, p, p.Base+10) })
	check("types", func(c *sql.Conn) (any, error) { return types(c, p, false) })
	check("types, prepared", func(c *sql.Conn) (any, error) { return types(c, p, true) })
	check("errors", func(c *sql.Conn) (any, error) {
		seen := []any{}
		for _, text := range p.Errors {
			seen = append(seen, failure(c, text))
		}
		last, err := one(c, "select 1", false)
		return append(seen, last), err
	})
	check("big", func(c *sql.Conn) (any, error) { return big(c, p) })
	check("cancel", func(c *sql.Conn) (any, error) {
		id, err := one(c, "select connection_id()", false)
		if err != nil {
			return nil, err
		}
		if p.Cancel == nil {
			return failure(c, fmt.Sprintf("kill query %v", id)), nil
		}
		var number int
		fmt.Sscan(fmt.Sprint(id), &number)
		say(map[string]any{"event": "sleeping", "id": number})
		seen := failure(c, *p.Cancel)
		after, err := one(c, "select 1", false)
		return map[string]any{"seen": seen, "after": after}, err
	})
	check("reconnect", func(c *sql.Conn) (any, error) {
		say(map[string]any{"event": "cut"})
		lost := failure(c, p.Cut)
		var done any
		hear(&done)
		again, err := connect(p.Way)
		if err != nil {
			return nil, err
		}
		after, err := one(again, "select 1", false)
		return map[string]any{"lost": lost, "after": after}, err
	})
}
