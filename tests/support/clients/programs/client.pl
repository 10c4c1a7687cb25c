# A client of Perl: `perl client.pl`, DBD::mysql, driven over stdin and stdout as ../README.md says.
use strict;
use warnings;
use DBI;
use JSON::PP;

$| = 1;
my $json = JSON::PP->new->utf8->canonical->allow_nonref;
sub say_fact { print $json->encode({@_}), "\n" }
sub heard { $json->decode(scalar <STDIN>) }

sub link_to {
    my ($way) = @_;
    my $place = defined $way->{socket} ? "mysql_socket=$way->{socket}" : "host=127.0.0.1;port=$way->{port}";
    my %tls;
    if (my $tls = $way->{tls}) {
        # With MariaDB's library, which cannot be told to insist on TLS, this driver knows no other way to ask for it.
        %tls = (mysql_ssl => 1, mysql_ssl_optional => 1, mysql_ssl_ca_file => $tls->{ca});
        @tls{qw(mysql_ssl_client_cert mysql_ssl_client_key)} = @$tls{qw(cert key)} if defined $tls->{cert};
    }
    my %clear = $way->{method} eq 'mysql_clear_password' ? (mysql_enable_cleartext_plugin => 1) : ();
    local $ENV{LIBMYSQL_ENABLE_CLEARTEXT_PLUGIN} = 1 if %clear;
    return DBI->connect("DBI:mysql:database=$way->{database};$place", $way->{user}, $way->{password},
        { RaiseError => 1, PrintError => 0, AutoCommit => 1, mysql_enable_utf8mb4 => 1, %tls, %clear });
}

sub rows {
    my ($c, $sql, $values, $prepared) = @_;
    my $statement = $c->prepare($sql, { mysql_server_prepare => $prepared ? 1 : 0, mysql_server_prepare_disable_fallback => 1 });
    $statement->execute(@{ $values // [] });
    return ($statement->{NUM_OF_FIELDS} // 0) > 0 ? $statement->fetchall_arrayref : [];
}

sub told {
    my ($error) = @_;
    my $number = $DBI::err // 0;
    return { errno => $number + 0, sqlState => $DBI::state, message => $number ? $DBI::errstr : "$error" };
}
sub failure {
    my ($c, $sql) = @_;
    return eval { rows($c, $sql); 1 } ? undef : told($@);
}
sub written { defined $_[0] ? "value $_[0]" : 'null' }

sub parameters {
    my ($c, $plan, $base, $prepared) = @_;
    my @bodies = @{ $plan->{bodies} };
    rows($c, 'insert into notes (id, body) values (?, ?)', [ $base + $_, $bodies[$_] ], $prepared) for 0 .. $#bodies;
    return [ map { rows($c, 'select body from notes where id = ?', [ $base + $_ ], $prepared)->[0][0] } 0 .. $#bodies ];
}
sub types {
    my ($c, $plan, $prepared) = @_;
    my $ours = rows($c, $plan->{types}, undef, $prepared);
    my $theirs = rows(link_to($plan->{direct}), $plan->{types}, undef, $prepared);
    return [ @$ours . ' rows for ' . @$theirs ] if @$ours != @$theirs;
    my @differing;
    for my $y (0 .. $#$ours) {
        for my $x (0 .. $#{ $ours->[$y] }) {
            my ($a, $b) = (written($ours->[$y][$x]), written($theirs->[$y][$x]));
            push @differing, substr($a, 0, 80) . ' for ' . substr($b, 0, 80) if $a ne $b;
        }
    }
    return \@differing;
}

my @checks = (
    text => sub { my ($c, $plan) = @_; [ map { defined $_ ? "$_" : undef } @{ rows($c, $plan->{text})->[0] } ] },
    parameters => sub { my ($c, $plan) = @_; parameters($c, $plan, $plan->{base}, 0) },
    prepared => sub { my ($c, $plan) = @_; parameters($c, $plan, $plan->{base} + 10, 1) },
    types => sub { types(@_, 0) },
    'types, prepared' => sub { types(@_, 1) },
    errors => sub { my ($c, $plan) = @_; [ (map { failure($c, $_) } @{ $plan->{errors} }), rows($c, 'select 1')->[0][0] . '' ] },
    big => sub {
        my ($c, $plan) = @_;
        my $value = '0123456789abcdef' x ($plan->{big} / 16);
        rows($c, 'insert into large (id, body) values (?, ?)', [ $plan->{base}, $value ], 1);
        my $back = rows($c, 'select body from large where id = ?', [ $plan->{base} ])->[0][0];
        my $over = 'x' x $plan->{overPacket};
        return {
            same => $back eq $value ? JSON::PP::true : JSON::PP::false,
            overPacket => failure($c, "insert into large (id, body) values (0, '$over')"),
            tooBig => failure($c, $plan->{tooBig}),
        };
    },
    cancel => sub {
        my ($c, $plan) = @_;
        my $id = rows($c, 'select connection_id()')->[0][0];
        return failure($c, "kill query $id") unless defined $plan->{cancel};
        say_fact(event => 'sleeping', id => $id + 0);
        my $seen = failure($c, $plan->{cancel});
        return { seen => $seen, after => rows($c, 'select 1')->[0][0] . '' };
    },
    reconnect => sub {
        my ($c, $plan) = @_;
        say_fact(event => 'cut');
        my $lost = failure($c, $plan->{cut});
        heard();
        return { lost => $lost, after => rows(link_to($plan->{way}), 'select 1')->[0][0] . '' };
    },
);

sub attempt {
    my ($fact, $work) = @_;
    my $got;
    if (eval { $got = $work->(); 1 }) { say_fact(@$fact, got => $got) }
    else { say_fact(@$fact, error => told($@)) }
}

my $plan = heard();
for my $way (@{ $plan->{ways} }) {
    attempt([ login => $way->{name} ], sub { rows(link_to($way), 'select user()')->[0][0] });
}
if (my $todo = $plan->{checks}) {
    while (my ($name, $check) = splice @checks, 0, 2) {
        attempt([ check => $name ], sub { $check->(link_to($todo->{way}), $todo) });
    }
}
