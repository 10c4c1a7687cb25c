// A client of Java: `java -cp JARS Client.java mariadb|mysql`, driven over stdin and stdout as ../../README.md says.
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;

public class Client {
  interface Work { Object run() throws Exception; }

  interface Check { Object run(Connection c) throws Exception; }

  static class Cannot extends Exception {
    Cannot(String reason) { super(reason); }
  }

  static final BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
  static final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
  static boolean mariadb;

  static void say(Object... pairs) {
    Map<String, Object> fact = new LinkedHashMap<>();
    for (int at = 0; at < pairs.length; at += 2) fact.put((String) pairs[at], pairs[at + 1]);
    out.println(Json.write(fact));
  }

  @SuppressWarnings("unchecked")
  static Map<String, Object> map(Object value) { return (Map<String, Object>) value; }

  static Connection connect(Map<String, Object> way) throws Exception {
    boolean direct = way.get("direct") == Boolean.TRUE;
    Properties given = new Properties();
    given.put("user", way.get("user"));
    given.put("password", way.get("password"));
    String place = way.get("host") + ":" + way.get("port");
    if (way.get("socket") != null) {
      if (!mariadb) throw new Cannot("no Unix sockets in this driver");
      given.put("localSocket", way.get("socket"));
      place = "localhost";
    }
    Map<String, Object> tls = map(way.get("tls"));
    boolean own = tls != null && tls.get("cert") != null;
    String store = tls == null ? null : (String) tls.get("storePassword");
    if (mariadb) {
      given.put("sslMode", tls == null ? "disable" : "verify-full");
      if (tls != null) given.put("serverSslCert", tls.get("ca"));
      if (own) {
        given.put("keyStore", tls.get("keyStore"));
        given.put("keyStoreType", "PKCS12");
        given.put("keyStorePassword", store);
      }
      given.put("maxAllowedPacket", String.valueOf(64 << 20));
    } else {
      given.put("sslMode", tls == null ? "DISABLED" : "VERIFY_IDENTITY");
      if (tls != null) {
        given.put("trustCertificateKeyStoreUrl", "file:" + tls.get("trustStore"));
        given.put("trustCertificateKeyStoreType", "PKCS12");
        given.put("trustCertificateKeyStorePassword", store);
        given.put("fallbackToSystemTrustStore", "false");
      }
      if (own) {
        given.put("clientCertificateKeyStoreUrl", "file:" + tls.get("keyStore"));
        given.put("clientCertificateKeyStoreType", "PKCS12");
        given.put("clientCertificateKeyStorePassword", store);
      }
      if (direct) given.put("allowPublicKeyRetrieval", "true");
    }
    return DriverManager.getConnection("jdbc:" + (mariadb ? "mariadb" : "mysql") + "://" + place + "/" + way.get("database"), given);
  }

  static List<List<Object>> rows(Connection c, String sql, boolean prepared, Object... values) throws SQLException {
    if (prepared)
      try (PreparedStatement statement = server(c, sql)) {
        for (int at = 0; at < values.length; at++) statement.setObject(at + 1, values[at]);
        return all(statement.execute() ? statement.getResultSet() : null);
      }
    try (Statement statement = c.createStatement()) {
      return all(statement.execute(sql) ? statement.getResultSet() : null);
    }
  }

  /** A statement that the server prepares; both drivers would else put the values into the text. */
  static PreparedStatement server(Connection c, String sql) throws SQLException {
    return mariadb ? c.prepareStatement(sql) : c.unwrap(com.mysql.cj.jdbc.JdbcConnection.class).serverPrepareStatement(sql);
  }

  static List<List<Object>> all(ResultSet found) throws SQLException {
    List<List<Object>> rows = new ArrayList<>();
    while (found != null && found.next()) {
      List<Object> row = new ArrayList<>();
      for (int at = 1; at <= found.getMetaData().getColumnCount(); at++) row.add(value(found, at));
      rows.add(row);
    }
    return rows;
  }

  /** As objects, but for TIME, which is a time of day to Java and a duration to MySQL. */
  static Object value(ResultSet found, int at) throws SQLException {
    return found.getMetaData().getColumnType(at) == Types.TIME ? found.getString(at) : found.getObject(at);
  }

  static String plain(Object value) {
    return value == null ? null : value instanceof byte[] bytes ? new String(bytes, StandardCharsets.UTF_8) : value.toString();
  }

  static String written(Object value) {
    if (value == null) return "null";
    return value.getClass().getName() + " " + (value instanceof byte[] bytes ? HexFormat.of().formatHex(bytes) : value);
  }

  static Map<String, Object> told(Throwable error) {
    Map<String, Object> fact = new LinkedHashMap<>();
    SQLException sql = error instanceof SQLException found ? found : null;
    fact.put("errno", sql == null ? 0 : sql.getErrorCode());
    fact.put("sqlState", sql == null ? null : sql.getSQLState());
    fact.put("message", String.valueOf(error.getMessage()));
    return fact;
  }

  static Object failure(Connection c, String sql) {
    try {
      rows(c, sql, false);
      return null;
    } catch (SQLException error) {
      return told(error);
    }
  }

  static Object parameters(Connection c, Map<String, Object> plan, int base, boolean prepared) throws SQLException {
    List<Object> back = new ArrayList<>();
    int at = base;
    for (Object body : (List<?>) plan.get("bodies")) {
      String insert = "insert into notes (id, body) values (?, ?)", select = "select body from notes where id = ?";
      try (PreparedStatement write = prepared ? server(c, insert) : c.prepareStatement(insert);
          PreparedStatement read = prepared ? server(c, select) : c.prepareStatement(select)) {
        write.setInt(1, at);
        write.setString(2, (String) body);
        write.executeUpdate();
        read.setInt(1, at++);
        back.add(all(read.executeQuery()).get(0).get(0));
      }
    }
    return back;
  }

  static Object types(Connection c, Map<String, Object> plan, boolean prepared) throws Exception {
    Map<String, Object> way = new LinkedHashMap<>(map(plan.get(mariadb ? "direct" : "directTcp")));
    way.put("direct", true);
    List<List<Object>> ours = rows(c, (String) plan.get("types"), prepared), theirs;
    try (Connection direct = connect(way)) {
      theirs = rows(direct, (String) plan.get("types"), prepared);
    }
    List<String> differing = new ArrayList<>();
    if (ours.size() != theirs.size()) return List.of(ours.size() + " rows for " + theirs.size());
    for (int y = 0; y < ours.size(); y++)
      for (int x = 0; x < ours.get(y).size(); x++) {
        String a = written(ours.get(y).get(x)), b = written(theirs.get(y).get(x));
        if (!a.equals(b)) differing.add(cut(a) + " for " + cut(b));
      }
    return differing;
  }

  static String cut(String text) { return text.length() > 80 ? text.substring(0, 80) : text; }

  static int number(Object value) { return ((Number) value).intValue(); }

  static Object big(Connection c, Map<String, Object> plan) throws SQLException {
    String value = "0123456789abcdef".repeat(number(plan.get("big")) / 16);
    rows(c, "insert into large (id, body) values (?, ?)", true, plan.get("base"), value);
    String back = plain(rows(c, "select body from large where id = ?", true, plan.get("base")).get(0).get(0));
    String over = "x".repeat(number(plan.get("overPacket")));
    Map<String, Object> got = new LinkedHashMap<>();
    got.put("same", value.equals(back));
    got.put("overPacket", failure(c, "insert into large (id, body) values (0, '" + over + "')"));
    got.put("tooBig", failure(c, (String) plan.get("tooBig")));
    return got;
  }

  static void attempt(String kind, String name, Work work) {
    try {
      say(kind, name, "got", work.run());
    } catch (Cannot reason) {
      say(kind, name, "cannot", reason.getMessage());
    } catch (Throwable error) {
      say(kind, name, "error", told(error));
    }
  }

  static void check(Map<String, Object> plan, String name, Check check) {
    attempt("check", name, () -> {
      try (Connection c = connect(map(plan.get("way")))) {
        return check.run(c);
      }
    });
  }

  public static void main(String[] arguments) throws Exception {
    mariadb = arguments[0].equals("mariadb");
    Map<String, Object> todo = map(Json.read(in.readLine()));
    for (Object one : (List<?>) todo.get("ways")) {
      Map<String, Object> way = map(one);
      attempt("login", (String) way.get("name"), () -> {
        try (Connection c = connect(way)) {
          return plain(rows(c, "select user()", false).get(0).get(0));
        }
      });
    }
    Map<String, Object> plan = map(todo.get("checks"));
    if (plan == null) return;
    int base = number(plan.get("base"));
    check(plan, "text", c -> rows(c, (String) plan.get("text"), false).get(0).stream().map(Client::plain).toList());
    check(plan, "parameters", c -> parameters(c, plan, base, false));
    check(plan, "prepared", c -> parameters(c, plan, base + 10, true));
    check(plan, "types", c -> types(c, plan, false));
    check(plan, "types, prepared", c -> types(c, plan, true));
    check(plan, "errors", c -> {
      List<Object> seen = new ArrayList<>();
      for (Object sql : (List<?>) plan.get("errors")) seen.add(failure(c, (String) sql));
      seen.add(plain(rows(c, "select 1", false).get(0).get(0)));
      return seen;
    });
    check(plan, "big", c -> big(c, plan));
    check(plan, "cancel", c -> {
      Object id = rows(c, "select connection_id()", false).get(0).get(0);
      if (plan.get("cancel") == null) return failure(c, "kill query " + id);
      say("event", "sleeping", "id", id);
      Object seen = failure(c, (String) plan.get("cancel"));
      return Map.of("seen", seen, "after", plain(rows(c, "select 1", false).get(0).get(0)));
    });
    check(plan, "reconnect", c -> {
      say("event", "cut");
      Object lost = failure(c, (String) plan.get("cut"));
      in.readLine();
      try (Connection again = connect(map(plan.get("way")))) {
        return Map.of("lost", lost, "after", plain(rows(again, "select 1", false).get(0).get(0)));
      }
    });
    System.exit(0);
  }
}

/** As much JSON as the lines between test and client need. */
final class Json {
  private final String text;
  private int at;

  private Json(String text) { this.text = text; }

  static Object read(String text) { return new Json(text).value(); }

  private Object value() {
    char first = text.charAt(at);
    if (first == '{') {
      Map<String, Object> found = new LinkedHashMap<>();
      for (at++; text.charAt(at) != '}'; ) {
        String key = string();
        at++;
        found.put(key, value());
        if (text.charAt(at) == ',') at++;
      }
      at++;
      return found;
    }
    if (first == '[') {
      List<Object> found = new ArrayList<>();
      for (at++; text.charAt(at) != ']'; ) {
        found.add(value());
        if (text.charAt(at) == ',') at++;
      }
      at++;
      return found;
    }
    if (first == '"') return string();
    int start = at;
    while (at < text.length() && ",]}".indexOf(text.charAt(at)) < 0) at++;
    String word = text.substring(start, at);
    return switch (word) {
      case "null" -> null;
      case "true" -> true;
      case "false" -> false;
      default -> Integer.valueOf(word);
    };
  }

  private String string() {
    StringBuilder made = new StringBuilder();
    for (at++; text.charAt(at) != '"'; at++) {
      if (text.charAt(at) != '\\') made.append(text.charAt(at));
      else
        switch (text.charAt(++at)) {
          case 'n' -> made.append('\n');
          case 't' -> made.append('\t');
          case 'u' -> {
            made.append((char) Integer.parseInt(text.substring(at + 1, at + 5), 16));
            at += 4;
          }
          default -> made.append(text.charAt(at));
        }
    }
    at++;
    return made.toString();
  }

  static String write(Object value) {
    if (value instanceof Map<?, ?> map)
      return "{" + String.join(",", map.entrySet().stream().map(one -> write(one.getKey()) + ":" + write(one.getValue())).toList()) + "}";
    if (value instanceof List<?> list) return "[" + String.join(",", list.stream().map(Json::write).toList()) + "]";
    if (value == null || value instanceof Number || value instanceof Boolean) return String.valueOf(value);
    StringBuilder made = new StringBuilder("\"");
    for (char one : value.toString().toCharArray())
      if (one < ' ' || one == '"' || one == '\\') made.append(String.format("\\u%04x", (int) one));
      else made.append(one);
    return made.append('"').toString();
  }
}
