#include "tests/live/capture_file.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "bpfc/capture_reader.h"
#include "tests/hex_bytes.h"

namespace bpfc::live_test {

std::string difference(const std::vector<SavedPacket>& left,
                       const std::vector<SavedPacket>& right) {
  if (left == right) return "";
  const auto [first, second] = std::mismatch(left.begin(), left.end(), right.begin(), right.end());
  const auto text = [](const auto& at, const std::vector<SavedPacket>& all) {
    if (at == all.end()) return std::string("no more");
    return std::to_string(at->wire_length) + " bytes " + bpfc::testing::to_hexadecimal(at->bytes);
  };
  return std::to_string(left.size()) + " and " + std::to_string(right.size()) +
         " packets; number " + std::to_string(first - left.begin()) + ":\n" + text(first, left) +
         "\n" + text(second, right);
}

CaptureContents contents_of(const std::string& path) {
  CaptureContents contents;
  auto reader = CaptureReader::open(path);
  if (!reader) {
    contents.damage = render(reader.error(), path);
    return contents;
  }
  while (true) {
    const auto packet = reader->next();
    if (!packet) contents.damage = render(packet.error(), path);
    if (!packet || *packet == nullptr) return contents;
    contents.packets.push_back(
        {{(*packet)->data.begin(), (*packet)->data.end()}, (*packet)->wire_length});
  }
}

std::vector<SavedPacket> packets_of(const std::string& path) {
  CaptureContents contents = contents_of(path);
  EXPECT_EQ(contents.damage, "");
  return std::move(contents.packets);
}

}  // namespace bpfc::live_test
