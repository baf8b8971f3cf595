// What the stop-watch says; never how long anything takes.
#include "measure/interleaved.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "measure/packet_set.h"

namespace bpfc::measure {
namespace {

PacketSet three_packets() {
  PacketSet set;
  for (std::uint8_t size = 1; size <= 3; ++size) {
    set.add(std::vector<std::uint8_t>(size, size), 10);
  }
  return set;
}

TEST(PacketSet, HoldsWhatWasAdded) {
  const PacketSet set = three_packets();
  const std::vector<PacketView> views = set.in_order();
  ASSERT_EQ(views.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(views[i].captured, i + 1);
    EXPECT_EQ(views[i].length, 10U);
    EXPECT_EQ(views[i].data[i], i + 1);
  }
}

TEST(PacketSet, IsShuffledTheSameForTheSameSeed) {
  PacketSet set;
  for (std::uint32_t i = 0; i < 100; ++i) set.add({}, i);
  const auto lengths = [](const std::vector<PacketView>& views) {
    std::vector<std::uint32_t> all;
    for (const PacketView& view : views) all.push_back(view.length);
    return all;
  };
  const std::vector<std::uint32_t> once = lengths(set.shuffled(7));
  EXPECT_EQ(once, lengths(set.shuffled(7)));
  EXPECT_NE(once, lengths(set.shuffled(8)));
  EXPECT_NE(once, lengths(set.in_order()));
  std::vector<std::uint32_t> sorted = once;
  std::sort(sorted.begin(), sorted.end());
  EXPECT_EQ(sorted, lengths(set.in_order()));
}

Contender length_adder(const char* name, std::uint32_t more) {
  return {name, [more](std::span<const PacketView> packets) {
            return sum_of_verdicts(
                packets, [more](const PacketView& packet) { return packet.length + more; });
          }};
}

TEST(Measure, SaysWhoDisagrees) {
  const PacketSet set = three_packets();
  const std::vector<PacketView> packets = set.in_order();
  const MeasureOptions options = {.repetitions = 3, .seconds = 1, .shortest_repetition = 0};
  const Contender alike[] = {length_adder("a", 0), length_adder("b", 0)};
  const Measurement good = measure(alike, packets, options);
  EXPECT_FALSE(good.disagrees);
  ASSERT_EQ(good.timings.size(), 2U);
  EXPECT_GT(good.timings[0].nanoseconds, 0);
  const Contender different[] = {length_adder("a", 0), length_adder("b", 0), length_adder("c", 1)};
  EXPECT_EQ(measure(different, packets, options).disagrees, 2U);
}

TEST(Measure, TakesTurnsAndThreeRoundsAtLeast) {
  const PacketSet set = three_packets();
  const std::vector<PacketView> packets = set.in_order();
  std::vector<int> turns;
  const auto player = [&turns](int who) {
    return Contender{"player", [&turns, who](std::span<const PacketView>) -> std::uint64_t {
                       turns.push_back(who);
                       return 0;
                     }};
  };
  const Contender players[] = {player(0), player(1)};
  (void)measure(players, packets, {.repetitions = 50, .seconds = 0, .shortest_repetition = 0});
  // Each twice to get ready, then in rounds.
  EXPECT_EQ(turns, (std::vector<int>{0, 0, 1, 1, 0, 1, 0, 1, 0, 1}));
}

TEST(Measure, FindsQuantilesAndMeans) {
  EXPECT_DOUBLE_EQ(quantile({4, 1, 3, 2}, 0.5), 2.5);
  EXPECT_DOUBLE_EQ(quantile({5}, 0.25), 5);
  EXPECT_DOUBLE_EQ(quantile({1, 2, 3, 4, 5}, 1), 5);
  const std::vector<double> values = {0.5, 2, 8};
  EXPECT_DOUBLE_EQ(geometric_mean(values), 2);
}

}  // namespace
}  // namespace bpfc::measure
