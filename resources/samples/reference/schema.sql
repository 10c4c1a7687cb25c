-- The table of Vitess's encrypted-transport test.
CREATE TABLE vt_insert_test (
  id BIGINT AUTO_INCREMENT,
  msg VARCHAR(64),
  keyspace_id BIGINT(20) UNSIGNED NOT NULL,
  PRIMARY KEY (id)
) ENGINE = InnoDB COMMENT = 'vt_insert_test';
INSERT INTO vt_insert_test (msg, keyspace_id) VALUES ('first', 1), ('second', 2);
