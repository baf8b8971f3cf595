// Every capture of a folder that need not be there, through the reader, through the writer, and
// damaged, each time with libpcap as the judge.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "copying.h"
#include "libpcap_reading.h"
#include "packet_list.h"

namespace bpfc::capture_test {
namespace {

std::vector<std::string> capture_files() {
  std::vector<std::string> files;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(BPFC_EXTRA_CAPTURES, error)) {
    const auto extension = entry.path().extension();
    if (extension == ".pcap" || extension == ".pcapng") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

class ExtraCapturesTest : public testing::Test {
 protected:
  void SetUp() override {
    files_ = capture_files();
    if (files_.empty()) GTEST_SKIP() << "no captures in " << BPFC_EXTRA_CAPTURES;
  }

  std::vector<std::string> files_;
};

TEST_F(ExtraCapturesTest, ReadsWhatLibpcapReads) {
  for (const std::string& path : files_) {
    EXPECT_EQ(difference_from_libpcap(contents(path)), "") << path;
  }
}

TEST_F(ExtraCapturesTest, WritesWhatLibpcapWrites) {
  for (const std::string& path : files_) {
    const Bytes file = contents(path);
    EXPECT_EQ(difference_between_copies(file), "") << path;
  }
}

TEST_F(ExtraCapturesTest, AgreesOnDamagedFiles) {
  std::minstd_rand random(1);
  for (const std::string& path : files_) {
    const Bytes file = contents(path);
    for (int round = 0; round < 20; ++round) {
      Bytes damaged = file;
      // Headers are at the beginning, and most of a small file is headers.
      const std::size_t reach =
          round % 2 == 0 ? std::min<std::size_t>(file.size(), 80) : file.size();
      damaged[random() % reach] = static_cast<std::uint8_t>(random() >> 8U);
      if (round % 5 == 0) damaged.resize(random() % file.size());
      EXPECT_EQ(difference_from_libpcap(damaged), "") << path << ", round " << round;
    }
  }
}

}  // namespace
}  // namespace bpfc::capture_test
