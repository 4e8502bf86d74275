#!/usr/bin/perl
# kafka-broker-api-versions.sh --bootstrap-server HOST:PORT: 0 where a broker answers which versions of the protocol it speaks.
use strict;
use warnings;
use IO::Socket::INET;
my ($option, $address) = @ARGV;
die "only --bootstrap-server HOST:PORT is known\n" unless defined $address && $option eq '--bootstrap-server';
$SIG{ALRM} = sub { die "no answer\n" };
alarm 10;
my $socket = IO::Socket::INET->new(PeerAddr => $address) or die "$address: $!\n";
my $request = pack('s>s>l>s>', 18, 0, 7, -1);    # ApiVersions, version 0, without a client id
print {$socket} pack('N', length $request), $request;
read($socket, my $answer, 10) == 10 or die "the connection ended\n";
my (undef, $correlation, $error) = unpack('Nl>s>', $answer);
exit($correlation == 7 && $error == 0 ? 0 : 1);
