# Sends back what the host sends to vsock port 1024, on any number of connections; perl because busybox has no vsock.
my ($family, $stream, $port, $any) = (40, 1, 1024, 0xffffffff);
socket(my $listener, $family, $stream, 0) or die "guest: no vsock: $!\n";
bind($listener, pack('SSLLx4', $family, 0, $port, $any)) or die "guest: vsock port $port: $!\n";
listen($listener, 8) or die "guest: vsock port $port: $!\n";
$SIG{CHLD} = 'IGNORE';
# A signal from a child that has ended interrupts the wait for the next connection.
while (1) {
    accept(my $connection, $listener) or next;
    next if fork;
    # No more than 16 KiB at a time: of longer ones Firecracker before 1.14 doubles parts when the host reads slowly.
    while (sysread($connection, my $piece, 65536)) {
        for (my $done = 0; $done < length $piece;) {
            $done += syswrite($connection, $piece, 16384, $done) || exit;
        }
    }
    exit;
}
