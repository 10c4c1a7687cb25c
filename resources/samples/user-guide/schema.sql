-- Three tables in the manner of Vitess's commerce example.
CREATE TABLE product (
  sku VARCHAR(20) NOT NULL PRIMARY KEY,
  description VARCHAR(80),
  price BIGINT
) COMMENT = 'product';
CREATE TABLE customer (
  customer_id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  email VARCHAR(80)
) COMMENT = 'customer';
CREATE TABLE corder (
  order_id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  customer_id BIGINT,
  sku VARCHAR(20),
  price BIGINT
) COMMENT = 'corder';
INSERT INTO product VALUES ('SKU-1001', 'Monitor', 100), ('SKU-1002', 'Keyboard', 30);
INSERT INTO customer (email) VALUES ('alice@domain.example'), ('bob@domain.example');
INSERT INTO corder (customer_id, sku, price) VALUES (1, 'SKU-1001', 100), (2, 'SKU-1002', 30);
