// Small files of each kind, cut off and changed at every byte.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "capture_bytes.h"
#include "libpcap_reading.h"
#include "packet_list.h"

namespace bpfc::capture_test {
namespace {

struct Sample {
  std::string name;
  Bytes file;
  std::vector<std::size_t> ends;  // where a record or block ends, and so the file may
};

Sample sample(std::string name, std::initializer_list<Bytes> parts, std::size_t least_parts) {
  Sample made{std::move(name), {}, {}};
  std::size_t count = 0;
  for (const Bytes& part : parts) {
    made.file.insert(made.file.end(), part.begin(), part.end());
    if (++count >= least_parts) made.ends.push_back(made.file.size());
  }
  return made;
}

std::vector<Sample> samples() {
  std::vector<Sample> all;
  for (const bool swapped : {false, true}) {
    const ByteMaker make(swapped);
    const std::string order = swapped ? "swapped " : "native ";
    for (const std::uint32_t magic : {0xa1b2c3d4U, 0xa1b23c4dU, 0xa1b2cd34U}) {
      const Bytes more(magic == 0xa1b2cd34U ? 8 : 0, 3);
      const auto record = [&](const Bytes& data) {
        const auto size = static_cast<std::uint32_t>(data.size());
        return joined({make.pcap_record(1, 2, size, size + 2, more), data});
      };
      all.push_back(sample(order + "pcap " + std::to_string(magic),
                           {make.pcap_header(magic, 1, 8), record(bytes_of("abcd")), record({}),
                            record(bytes_of("efghijk"))},
                           1));
    }
    const Bytes options = joined({make.option(2, bytes_of("lo")), make.option(9, {9}),
                                  make.option(14, make.u64(1)), make.option(0, {})});
    all.push_back(sample(
        order + "pcapng",
        {make.section(), make.interface(1, 8, options), make.enhanced(0, 5, 4, 9, bytes_of("abcd")),
         make.block(5, bytes_of("statistics")), make.simple(3, bytes_of("efg")),
         make.obsolete(0, 5, 5, 9, bytes_of("hijkl")), make.section(), make.interface(1, 8),
         make.enhanced(0, 5, 6, 6, bytes_of("mnopqr"))},
        2));
  }
  return all;
}

std::size_t end_of(const Sample& sample, const PacketCopy& packet) {
  return *std::ranges::upper_bound(sample.ends, packet.offset);
}

// Whether `got` begins with those of `whole` that end by `limit`; where `exact`, is just those.
void expect_what_precedes(const Sample& sample, const PacketList& whole, const PacketList& got,
                          std::size_t limit, bool exact) {
  const auto count = static_cast<std::size_t>(std::ranges::count_if(
      whole.packets, [&](const PacketCopy& packet) { return end_of(sample, packet) <= limit; }));
  ASSERT_GE(got.packets.size(), count);
  EXPECT_TRUE(std::equal(whole.packets.begin(),
                         whole.packets.begin() + static_cast<std::ptrdiff_t>(count),
                         got.packets.begin()));
  if (exact) {
    EXPECT_EQ(got.packets.size(), count);
  }
}

TEST(DamageTest, CutOffAnywhereDeliversWhatIsWhole) {
  for (const Sample& sample : samples()) {
    const PacketList whole = read_all(sample.file);
    ASSERT_FALSE(whole.error) << sample.name;
    for (std::size_t size = 0; size < sample.file.size(); ++size) {
      SCOPED_TRACE(sample.name + " cut to " + std::to_string(size));
      const Bytes cut(sample.file.begin(), sample.file.begin() + static_cast<std::ptrdiff_t>(size));
      const PacketList got = read_all(cut);
      expect_what_precedes(sample, whole, got, size, true);
      EXPECT_EQ(difference_from_libpcap(cut), "");
      const bool sound = std::ranges::find(sample.ends, size) != sample.ends.end();
      EXPECT_EQ(got.error.has_value(), !sound);
      if (sound || !got.format) continue;
      // The damaged record begins where the last whole one ends.
      EXPECT_EQ(got.error->offset, *(std::ranges::upper_bound(sample.ends, size) - 1));
      EXPECT_EQ(got.error->kind, CaptureErrorKind::kDamaged);
    }
  }
}

TEST(DamageTest, ChangedAnywhereDeliversWhatPrecedes) {
  constexpr std::array<std::uint8_t, 5> kChanges = {0x01, 0x04, 0x80, 0xff, 0x55};
  for (const Sample& sample : samples()) {
    const PacketList whole = read_all(sample.file);
    for (std::size_t place = 0; place < sample.file.size(); ++place) {
      for (const std::uint8_t change : kChanges) {
        SCOPED_TRACE(sample.name + " at " + std::to_string(place) + " by " +
                     std::to_string(change));
        Bytes damaged = sample.file;
        damaged[place] ^= change;
        const PacketList got = read_all(damaged);
        EXPECT_EQ(difference_from_libpcap(damaged), "");
        // What is before the first packet is needed to read any.
        if (place < sample.ends.front()) continue;
        expect_what_precedes(sample, whole, got, place, false);
        if (got.error) {
          EXPECT_LE(got.error->offset, sample.file.size());
          EXPECT_GE(got.error->offset, *(std::ranges::upper_bound(sample.ends, place) - 1));
        }
      }
    }
  }
}

}  // namespace
}  // namespace bpfc::capture_test
