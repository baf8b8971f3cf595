#include "bpfc/capture_reader.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <thread>
#include <utility>

#include "capture_bytes.h"
#include "libpcap_reading.h"
#include "packet_list.h"

namespace bpfc::capture_test {
namespace {

const ByteMaker kNative(false);

Bytes three_packets() {
  return joined({kNative.pcap_header(), kNative.pcap_record(1, 2, 4, 4, bytes_of("abcd")),
                 kNative.pcap_record(2, 3, 1, 9, bytes_of("e")),
                 kNative.pcap_record(3, 4, 2, 2, bytes_of("fg"))});
}

TEST(CaptureReaderTest, SaysWhatIsNoCapture) {
  const Bytes files[] = {{},
                         {0xd4, 0xc3},
                         bytes_of("abc"),
                         bytes_of("Some text that is no capture file at all, however long\n"),
                         bytes_of("\n\r\r\n"),
                         bytes_of("\n\r\r\nabcdefghijklmnop"),
                         Bytes(1000, 0)};
  for (const Bytes& file : files) {
    const PacketList list = read_all(file);
    ASSERT_TRUE(list.error);
    EXPECT_EQ(list.error->kind, CaptureErrorKind::kNotACapture);
    EXPECT_EQ(list.error->offset, 0U);
    EXPECT_EQ(difference_from_libpcap(file), "");
  }
  EXPECT_NE(read_all(Bytes{}).error->message, read_all(bytes_of("abc")).error->message);
}

TEST(CaptureReaderTest, ReportsWhatTheSystemSays) {
  const auto missing = CaptureReader::open("/nonexistent/file.pcap");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, CaptureErrorKind::kSystem);
  EXPECT_EQ(missing.error().system_error, ENOENT);
  EXPECT_EQ(render(missing.error(), "f"), "f: cannot open: No such file or directory");
  const auto folder = CaptureReader::open("/");
  ASSERT_FALSE(folder);
  EXPECT_EQ(folder.error().system_error, EISDIR);
}

TEST(CaptureReaderTest, RendersThePlaceOfDamage) {
  Bytes file = three_packets();
  file.pop_back();
  const PacketList list = read_all(file);
  ASSERT_TRUE(list.error);
  EXPECT_EQ(render(*list.error, "f.pcap"),
            "f.pcap: the file ends inside a packet: 1 of 2 bytes are there (at byte 61)");
}

TEST(CaptureReaderTest, RepeatsItsEndAndItsError) {
  for (const bool cut : {false, true}) {
    Bytes file = three_packets();
    if (cut) file.pop_back();
    auto reader = CaptureReader::attach(descriptor_with(file), DescriptorOwnership::kOwned);
    ASSERT_TRUE(reader);
    while (true) {
      const auto packet = reader->next();
      if (!packet || *packet == nullptr) break;
    }
    const auto first = reader->next();
    const auto second = reader->next();
    ASSERT_EQ(first.has_value(), !cut);
    ASSERT_EQ(second.has_value(), !cut);
    if (!cut) {
      EXPECT_EQ(*first, nullptr);
    } else {
      EXPECT_EQ(first.error(), second.error());
    }
  }
}

TEST(CaptureReaderTest, TellsPositionAndSize) {
  const Bytes file = three_packets();
  auto reader = CaptureReader::attach(descriptor_with(file), DescriptorOwnership::kOwned);
  ASSERT_TRUE(reader);
  EXPECT_EQ(reader->input_size(), file.size());
  EXPECT_EQ(reader->position(), 24U);
  ASSERT_TRUE(reader->next());
  EXPECT_EQ(reader->position(), 44U);
}

TEST(CaptureReaderTest, BeginsWhereTheDescriptorStands) {
  const int descriptor = descriptor_with(joined({bytes_of("before"), three_packets()}));
  ASSERT_EQ(lseek(descriptor, 6, SEEK_SET), 6);
  auto reader = CaptureReader::attach(descriptor, DescriptorOwnership::kBorrowed);
  ASSERT_TRUE(reader);
  EXPECT_EQ(reader->input_size(), three_packets().size());
  EXPECT_EQ(read_all(*reader).packets, read_all(three_packets()).packets);
  EXPECT_EQ(close(descriptor), 0);
}

TEST(CaptureReaderTest, ClosesOnlyWhatItOwns) {
  const int descriptor = descriptor_with(three_packets());
  { const auto reader = CaptureReader::attach(descriptor, DescriptorOwnership::kBorrowed); }
  EXPECT_EQ(fcntl(descriptor, F_GETFD), FD_CLOEXEC);
  { const auto reader = CaptureReader::attach(descriptor, DescriptorOwnership::kOwned); }
  EXPECT_EQ(fcntl(descriptor, F_GETFD), -1);
}

TEST(CaptureReaderTest, IsMovable) {
  auto reader =
      CaptureReader::attach(descriptor_with(three_packets()), DescriptorOwnership::kOwned);
  ASSERT_TRUE(reader);
  CaptureReader moved = std::move(*reader);
  EXPECT_EQ(read_all(moved).packets.size(), 3U);
}

// Feeds a file into a pipe a few bytes at a time and reads it from there.
PacketList read_through_pipe(const Bytes& file, std::size_t step, int flags) {
  std::array<int, 2> ends = {};
  EXPECT_EQ(pipe2(ends.data(), flags), 0);
  std::thread feeder([&] {
    for (std::size_t place = 0; place < file.size();) {
      const ssize_t count = write(ends[1], &file[place], std::min(step, file.size() - place));
      if (count > 0) place += static_cast<std::size_t>(count);
    }
    close(ends[1]);
  });
  auto reader = CaptureReader::attach(ends[0], DescriptorOwnership::kOwned);
  EXPECT_TRUE(reader);
  EXPECT_FALSE(reader->input_size());
  PacketList list = read_all(*reader);
  feeder.join();
  return list;
}

TEST(CaptureReaderTest, ReadsPipesByteByByte) {
  const Bytes pcapng =
      joined({kNative.section(), kNative.interface(),
              kNative.enhanced(0, 5, 4, 4, bytes_of("abcd")), kNative.simple(3, bytes_of("efg"))});
  for (const Bytes& file : {three_packets(), pcapng}) {
    for (const int flags : {0, O_NONBLOCK}) {
      const PacketList list = read_through_pipe(file, 1, flags);
      EXPECT_FALSE(list.error);
      EXPECT_EQ(list.packets, read_all(file).packets);
    }
  }
}

TEST(CaptureReaderTest, ABatchWaitsForItsFirstPacketOnly) {
  const Bytes file = three_packets();
  constexpr std::size_t kInsideTheLast = 70;
  std::array<int, 2> ends = {};
  ASSERT_EQ(pipe2(ends.data(), 0), 0);
  ASSERT_EQ(write(ends[1], file.data(), kInsideTheLast), ssize_t{kInsideTheLast});
  auto reader = CaptureReader::attach(ends[0], DescriptorOwnership::kOwned);
  ASSERT_TRUE(reader);
  EXPECT_EQ(reader->next_batch()->size(), 2U);
  close(ends[1]);
  const auto cut = reader->next_batch();
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().kind, CaptureErrorKind::kDamaged);
}

TEST(CaptureReaderTest, PacketsOfABatchStandTogether) {
  Bytes file = kNative.pcap_header();
  for (std::uint32_t i = 0; i < 5000; ++i) {
    const Bytes record = kNative.pcap_record(i, i, 1, 1, Bytes{static_cast<std::uint8_t>(i)});
    file.insert(file.end(), record.begin(), record.end());
  }
  auto reader = CaptureReader::attach(descriptor_with(file), DescriptorOwnership::kOwned);
  ASSERT_TRUE(reader);
  // One by one and together may alternate.
  std::uint32_t count = (*reader->next())->data[0] + 1U;
  for (auto batch = reader->next_batch(); batch && !batch->empty(); batch = reader->next_batch()) {
    EXPECT_LE(batch->size(), CaptureReader::kMostInBatch);
    for (const CapturedPacket& packet : *batch) {
      ASSERT_EQ(packet.data[0], static_cast<std::uint8_t>(count));
      ++count;
    }
  }
  EXPECT_EQ(count, 5000U);
}

// Blocks of 512 KiB end inside records of every kind of place.
TEST(CaptureReaderTest, ReadsRecordsAcrossBlocks) {
  Bytes file = kNative.pcap_header(0xa1b2c3d4, 1, 262144);
  for (std::uint32_t i = 0; file.size() < (std::size_t{5} << 20U); ++i) {
    const std::uint32_t size = i % 50 == 0 ? 262000 + i % 144 : i * 7919 % 3000;
    const Bytes record =
        kNative.pcap_record(i, i, size, size, Bytes(size, static_cast<std::uint8_t>(i)));
    file.insert(file.end(), record.begin(), record.end());
  }
  EXPECT_EQ(difference_from_libpcap(file), "");
  const PacketList whole = read_all(file);
  EXPECT_FALSE(whole.error);
  EXPECT_EQ(read_through_pipe(file, 60'000, 0).packets, whole.packets);
}

TEST(CaptureReaderTest, ReadsPacketsLongerThanABlock) {
  const std::uint32_t size = 5U << 20U;
  const Bytes file = joined({kNative.pcap_header(0xa1b2c3d4, 231, 0),
                             kNative.pcap_record(1, 1, 3, 3, bytes_of("abc")),
                             kNative.pcap_record(1, 1, size, size, Bytes(size, 6)),
                             kNative.pcap_record(1, 1, 3, 3, bytes_of("def"))});
  EXPECT_EQ(read_all(file).packets.size(), 3U);
  EXPECT_EQ(difference_from_libpcap(file), "");
}

}  // namespace
}  // namespace bpfc::capture_test
