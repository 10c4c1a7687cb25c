-- The shop: six tables with a few thousand rows. Every table carries its name as its comment, so that setting that
-- comment again is an administrator's statement which changes nothing.
CREATE TABLE customers (
  id INT NOT NULL PRIMARY KEY,
  name VARCHAR(60) NOT NULL,
  email VARCHAR(80) NOT NULL,
  city VARCHAR(40) NOT NULL
) COMMENT = 'customers';
CREATE TABLE products (
  id INT NOT NULL PRIMARY KEY,
  name VARCHAR(60) NOT NULL,
  price_cents INT NOT NULL
) COMMENT = 'products';
CREATE TABLE orders (
  id INT NOT NULL PRIMARY KEY,
  customer_id INT NOT NULL,
  placed DATE NOT NULL,
  status VARCHAR(12) NOT NULL,
  KEY customer (customer_id)
) COMMENT = 'orders';
CREATE TABLE order_items (
  order_id INT NOT NULL,
  line INT NOT NULL,
  product_id INT NOT NULL,
  quantity INT NOT NULL,
  PRIMARY KEY (order_id, line)
) COMMENT = 'order_items';
CREATE TABLE payments (
  id INT NOT NULL PRIMARY KEY,
  order_id INT NOT NULL,
  amount_cents INT NOT NULL,
  method VARCHAR(10) NOT NULL
) COMMENT = 'payments';
CREATE TABLE staff_notes (
  id INT NOT NULL PRIMARY KEY,
  author VARCHAR(30) NOT NULL,
  note VARCHAR(200) NOT NULL
) COMMENT = 'staff_notes';

CREATE TABLE digits (d INT NOT NULL PRIMARY KEY);
INSERT INTO digits VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9);

INSERT INTO customers
SELECT n, CONCAT('Customer ', n), CONCAT('customer', n, '@shop.example'), ELT(1 + n % 5, 'Oslo', 'Porto', 'Gent', 'Graz', 'Brno')
FROM (SELECT 1 + a.d + 10 * b.d + 100 * c.d AS n FROM digits a, digits b, digits c) numbers WHERE n <= 500;
INSERT INTO products
SELECT n, CONCAT('Product ', n), 100 + n * 37 % 9000
FROM (SELECT 1 + a.d + 10 * b.d AS n FROM digits a, digits b) numbers;
INSERT INTO orders
SELECT n, 1 + n * 7 % 500, DATE_ADD('2026-01-01', INTERVAL n % 300 DAY), ELT(1 + n % 3, 'new', 'paid', 'shipped')
FROM (SELECT 1 + a.d + 10 * b.d + 100 * c.d AS n FROM digits a, digits b, digits c) numbers;
INSERT INTO order_items
SELECT o.id, l.d, 1 + (o.id * 3 + l.d) % 100, 1 + (o.id + l.d) % 4
FROM orders o, digits l WHERE l.d BETWEEN 1 AND 3;
INSERT INTO payments
SELECT id, id, 500 + id * 13 % 20000, ELT(1 + id % 2, 'card', 'transfer')
FROM orders WHERE status <> 'new';
INSERT INTO staff_notes VALUES
  (1, 'ines', 'Call the carrier about order 17'),
  (2, 'tomas', 'Stock count on Friday'),
  (3, 'ines', 'New price list from May');
DROP TABLE digits;
