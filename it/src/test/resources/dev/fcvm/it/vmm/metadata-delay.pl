# Stands at the metadata service's address and passes requests on to the real one at ARGV[0], with two changes: every token
# is asked for with a life of one second, and the first ARGV[1] questions are passed on only when that is over. Says what
# was answered.
use strict;
use warnings;
use IO::Socket::INET;

my ($service, $late) = @ARGV;
my $listener = IO::Socket::INET->new(LocalAddr => '169.254.169.254', LocalPort => 80, Listen => 8, ReuseAddr => 1)
    or die "guest: cannot listen: $!\n";
open(my $console, '>', '/dev/console') or die "guest: no console: $!\n";
$console->autoflush(1);

# head(SOCKET): all up to the empty line, or nothing at the end
sub head {
    my ($socket) = @_;
    my $head = '';
    while ($head !~ /\r\n\r\n\z/) {
        sysread($socket, $head, 1, length $head) or return;
    }
    return $head;
}

while (my $client = $listener->accept) {
    my $upstream = IO::Socket::INET->new(PeerAddr => $service, PeerPort => 80) or die "guest: no metadata service: $!\n";
    while (my $request = head($client)) {
        $request =~ s/^(X-metadata-token-ttl-seconds): 60\r$/$1: 1\r/m;
        select(undef, undef, undef, 1.5) if $request =~ /^GET/ && $late-- > 0;
        syswrite($upstream, $request);
        my $answer = head($upstream) // last;
        my ($length) = $answer =~ /^content-length: *(\d+)/im;
        my $end = length($answer) + ($length // 0);
        while (length($answer) < $end) {
            sysread($upstream, $answer, $end - length($answer), length $answer) or last;
        }
        print $console 'guest: ', $request =~ /^(\w+)/, ' answered ', $answer =~ /^\S+ (\d+)/, "\n";
        syswrite($client, $answer);
    }
}
