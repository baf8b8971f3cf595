#include "bpfc/capture_writer.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

#include "capture_bytes.h"
#include "copying.h"
#include "libpcap_reading.h"
#include "packet_list.h"

namespace bpfc::capture_test {
namespace {

const ByteMaker kNative(false);
const Bytes kData = bytes_of("0123456789");

CapturedPacket packet_of(const Bytes& data, CaptureTime time = {1, 2000}) {
  CapturedPacket packet;
  packet.data = data;
  packet.wire_length = static_cast<std::uint32_t>(data.size()) + 5;
  packet.time = time;
  return packet;
}

TEST(CaptureWriterTest, CopiesAreWhatLibpcapWrites) {
  for (const bool swapped : {false, true}) {
    const ByteMaker make(swapped);
    for (const std::uint32_t magic : {0xa1b2c3d4U, 0xa1b23c4dU}) {
      EXPECT_EQ(difference_between_copies(joined(
                    {make.pcap_header(magic, 101, 20),
                     make.pcap_record(0x7fffffff, 999'999, 3, 9, bytes_of("abc")),
                     make.pcap_record(0, 0, 0, 9, {}), make.pcap_record(1, 2, 10, 10, kData)})),
                "");
    }
  }
}

// In a child, whose files may not grow past 1000 bytes: a header of 24 and records of 26.
TEST(CaptureWriterTest, LeavesWholePacketsInAFileThatIsFull) {
  const int file = descriptor_with({});
  const pid_t child = fork();
  if (child == 0) {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{1000, 1000};
    setrlimit(RLIMIT_FSIZE, &limit);
    auto writer = CaptureWriter::attach_pcap(file, DescriptorOwnership::kBorrowed, {});
    bool wrote = writer.has_value();
    for (int i = 0; i < 100 && wrote; ++i) {
      wrote = writer->write(packet_of(kData)).has_value();
      // In parts, so that what is on the file and what is gathered both count.
      if (i % 7 == 0) wrote = wrote && writer->flush().has_value();
    }
    _exit(wrote || writer->packets_written() != 37 ? 1 : 0);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0) << "everything was written, or miscounted";
  const PacketList list = read_all(contents(file));
  EXPECT_FALSE(list.error);
  EXPECT_EQ(list.packets.size(), 37U);
  close(file);
}

TEST(CaptureWriterTest, KeepsTheFrameCheckBits) {
  const Bytes file = joined(
      {kNative.pcap_header(0xa1b2c3d4, 0x54000001, 20), kNative.pcap_record(1, 2, 10, 10, kData)});
  EXPECT_EQ(copy_of_file(file, CaptureFormat::kPcap, false), file);
}

TEST(CaptureWriterTest, PcapngKeepsEveryInterfaceAsItIs) {
  for (const bool swapped : {false, true}) {
    const ByteMaker make(swapped);
    const Bytes file = joined(
        {make.section(), make.interface(1, 100), make.interface(101, 11, make.option(9, {9})),
         make.interface(113, 262144,
                        joined({make.option(9, {0x80 | 20}), make.option(14, make.u64(99))})),
         make.enhanced(2, 12345, 10, 10, kData), make.enhanced(0, 6, 9, 20, Bytes(9, 1)),
         make.enhanced(1, 1ULL << 63U, 11, 20, Bytes(11, 1)), make.simple(4, bytes_of("abcd"))});
    const PacketList list = read_all(file);
    ASSERT_EQ(list.packets.size(), 4U);
    const PacketList copy = read_all(copy_of_file(file, CaptureFormat::kPcapng, swapped));
    EXPECT_FALSE(copy.error);
    EXPECT_EQ(copy.interfaces, list.interfaces);
    EXPECT_EQ(copy.sections.front().swapped, swapped);
    EXPECT_EQ(difference_between_copies(file), "");
  }
}

TEST(CaptureWriterTest, ChoosesTheUnitOfTheResolution) {
  struct Case {
    std::uint8_t resolution;
    TimeResolution written;
  };
  for (const Case& c : {Case{0, kMicroseconds}, Case{6, kMicroseconds}, Case{7, kNanoseconds},
                        Case{9, kNanoseconds}, Case{12, kNanoseconds}, Case{0x80, kMicroseconds},
                        Case{0x80 | 19, kMicroseconds}, Case{0x80 | 20, kNanoseconds}}) {
    const Bytes file =
        joined({kNative.section(), kNative.interface(1, 100, kNative.option(9, {c.resolution}))});
    EXPECT_EQ(read_all(copy_of_file(file, CaptureFormat::kPcap, false)).interfaces.at(0).resolution,
              c.written)
        << int{c.resolution};
  }
}

TEST(CaptureWriterTest, RefusesWhatTheFormatCannotHoldAndGoesOn) {
  const int descriptor = descriptor_with({});
  CaptureInterface interface;
  interface.snaplen = 10;
  auto writer = CaptureWriter::attach_pcap(descriptor, DescriptorOwnership::kBorrowed, interface);
  ASSERT_TRUE(writer);
  const Bytes too_long(11, 1);
  const CapturedPacket refused[] = {packet_of(kData, {-1, 0}), packet_of(kData, {1LL << 32U, 0}),
                                    packet_of(kData, {0, 1'000ULL << 32U}), packet_of(too_long)};
  for (const CapturedPacket& packet : refused) {
    const auto result = writer->write(packet);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, CaptureErrorKind::kUnrepresentable);
  }
  EXPECT_FALSE(writer->write(packet_of(kData), 1));
  EXPECT_FALSE(writer->add_interface(interface));
  EXPECT_TRUE(writer->write(packet_of(kData)));
  EXPECT_TRUE(writer->finish());
  const PacketList list = read_all(contents(descriptor));
  EXPECT_FALSE(list.error);
  EXPECT_EQ(list.packets.size(), 1U);
  close(descriptor);
}

TEST(CaptureWriterTest, PcapngRefusesWhatItCannotHoldAndGoesOn) {
  const int descriptor = descriptor_with({});
  auto writer = CaptureWriter::attach_pcapng(descriptor, DescriptorOwnership::kBorrowed);
  ASSERT_TRUE(writer);
  EXPECT_FALSE(writer->write(packet_of(kData)));
  CaptureInterface interface;
  interface.resolution = {20};
  EXPECT_FALSE(writer->add_interface(interface));
  interface.resolution = kNanoseconds;
  const auto index = writer->add_interface(interface);
  ASSERT_TRUE(index);
  EXPECT_EQ(*index, 0U);
  EXPECT_FALSE(writer->write(packet_of(kData, {-1, 0})));
  EXPECT_FALSE(writer->write(packet_of(kData, {18'446'744'074, 0})));
  EXPECT_TRUE(writer->write(packet_of(kData)));
  EXPECT_TRUE(writer->finish());
  EXPECT_EQ(read_all(contents(descriptor)).packets.size(), 1U);
  close(descriptor);
}

TEST(CaptureWriterTest, GathersAndFlushes) {
  const int descriptor = descriptor_with({});
  auto writer =
      CaptureWriter::attach_pcap(descriptor, DescriptorOwnership::kBorrowed, CaptureInterface{});
  ASSERT_TRUE(writer);
  ASSERT_TRUE(writer->write(packet_of(kData)));
  EXPECT_EQ(contents(descriptor).size(), 0U);
  ASSERT_TRUE(writer->flush());
  EXPECT_EQ(contents(descriptor).size(), 50U);
  // A packet that is as long as the buffer, and enough of them to fill it many times.
  const Bytes large(262144, 7);
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(writer->write(packet_of(large)));
  ASSERT_TRUE(writer->finish());
  EXPECT_EQ(contents(descriptor).size(), 50U + 10U * (16U + large.size()));
  EXPECT_EQ(difference_from_libpcap(contents(descriptor)), "");
  close(descriptor);
}

TEST(CaptureWriterTest, ReportsAFullDisk) {
  const int descriptor = open("/dev/full", O_WRONLY | O_CLOEXEC);
  ASSERT_GE(descriptor, 0);
  auto writer =
      CaptureWriter::attach_pcap(descriptor, DescriptorOwnership::kOwned, CaptureInterface{});
  ASSERT_TRUE(writer);
  EXPECT_TRUE(writer->write(packet_of(kData)));
  const auto flushed = writer->flush();
  ASSERT_FALSE(flushed);
  EXPECT_EQ(flushed.error().kind, CaptureErrorKind::kSystem);
  EXPECT_EQ(flushed.error().system_error, ENOSPC);
  EXPECT_EQ(flushed.error().offset, 0U);
  // From then on every call says so.
  EXPECT_FALSE(writer->write(packet_of(kData)));
  const auto finished = writer->finish();
  ASSERT_FALSE(finished);
  EXPECT_EQ(finished.error(), flushed.error());
  EXPECT_EQ(fcntl(descriptor, F_GETFD), -1);
}

TEST(CaptureWriterTest, ReportsAFullDiskOnceTheBufferIs) {
  const int descriptor = open("/dev/full", O_WRONLY | O_CLOEXEC);
  auto writer = CaptureWriter::attach_pcapng(descriptor, DescriptorOwnership::kOwned);
  ASSERT_TRUE(writer);
  ASSERT_TRUE(writer->add_interface(CaptureInterface{}));
  const Bytes data(1000, 7);
  bool failed = false;
  for (int i = 0; i < 2000 && !failed; ++i) failed = !writer->write(packet_of(data));
  EXPECT_TRUE(failed);
}

TEST(CaptureWriterTest, ReportsAClosedPipe) {
  std::array<int, 2> ends = {};
  ASSERT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
  const auto previous = std::signal(SIGPIPE, SIG_IGN);
  auto writer =
      CaptureWriter::attach_pcap(ends[1], DescriptorOwnership::kOwned, CaptureInterface{});
  ASSERT_TRUE(writer);
  close(ends[0]);
  const auto finished = writer->finish();
  ASSERT_FALSE(finished);
  EXPECT_EQ(finished.error().system_error, EPIPE);
  std::signal(SIGPIPE, previous);
}

}  // namespace
}  // namespace bpfc::capture_test
