// The captures of tests/data: what libpcap reads, and copies of it.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "copying.h"
#include "libpcap_reading.h"
#include "packet_list.h"

namespace bpfc::capture_test {
namespace {

std::vector<std::string> project_captures() {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(BPFC_SOURCE_DIR "/tests/data")) {
    const auto extension = entry.path().extension();
    if (extension == ".pcap" || extension == ".pcapng") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

TEST(ProjectCapturesTest, AreReadAsLibpcapReadsThem) {
  const auto files = project_captures();
  EXPECT_GE(files.size(), 20U);
  for (const std::string& path : files) {
    EXPECT_EQ(difference_from_libpcap(contents(path)), "") << path;
  }
}

TEST(ProjectCapturesTest, AreWholeUnlessTheirNamesSayOtherwise) {
  for (const std::string& path : project_captures()) {
    const bool broken = path.find("broken-") != std::string::npos;
    const PacketList list = read_all(contents(path));
    EXPECT_EQ(list.error.has_value(), broken) << path;
    EXPECT_FALSE(list.packets.empty()) << path;
  }
}

TEST(ProjectCapturesTest, AreCopiedWithoutLoss) {
  for (const std::string& path : project_captures()) {
    EXPECT_EQ(difference_between_copies(contents(path)), "") << path;
  }
}

}  // namespace
}  // namespace bpfc::capture_test
