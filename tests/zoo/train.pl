#!/usr/bin/env perl
# A program in another language: a table of the kind that word-level language models print.
use strict;
use warnings;
use Time::HiRes qw(sleep);

$| = 1;
my ($lr) = @ARGV;
my $weight = 0;
for my $epoch (1 .. 10) {
    $weight += 2 * $lr * (3 - $weight);
    my $loss = (3 - $weight)**2;
    printf "| end of epoch %3d | time: 0.05s | valid loss %5.2f | valid ppl %8.3f\n",
        $epoch, $loss, exp($loss);
    sleep(0.05);
}
