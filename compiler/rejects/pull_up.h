// Tests of the same value, moved together.
//
// In a chain of tests that lead to the same place on one side and to each other on the other, as
// the members of `or` and of `and` do, one that loads what stands in A already before the chain is
// pulled up to the chain's start, past those that load something else. What other tests are decided
// by may then dominate more than it did.
#pragma once

#include <vector>

#include "compiler/rejects/block.h"
#include "compiler/rejects/set_table.h"

namespace bpfc::rejects {

// For each block the blocks that all ways to it pass, itself among them. By levels that may be
// older than the sides: a test that has been pulled up since still stands where it was.
SetTable find_dominators(const std::vector<Block>& blocks, const Levels& levels);

// Pulls up what can be pulled up, at most `budget` tests, which it counts down. Levels and
// dominators are those of before the round's jump threading, as in libpcap: blocks that nothing
// reaches any more still count as predecessors. Returns whether anything was pulled up.
bool pull_up_tests(std::vector<Block>& blocks, const Levels& levels, SetTable dominators,
                   int& budget);

}  // namespace bpfc::rejects
