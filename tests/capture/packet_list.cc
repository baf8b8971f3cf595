#include "packet_list.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <stdexcept>

namespace bpfc::capture_test {

int descriptor_with(const Bytes& bytes) {
  const int descriptor = memfd_create("capture", MFD_CLOEXEC);
  const ssize_t written = write(descriptor, bytes.data(), bytes.size());
  if (written != static_cast<ssize_t>(bytes.size()) || lseek(descriptor, 0, SEEK_SET) != 0) {
    throw std::runtime_error("cannot make a file in memory");
  }
  return descriptor;
}

Bytes contents(int descriptor) {
  Bytes all;
  Bytes block(std::size_t{1} << 16U);
  off_t offset = 0;
  ssize_t count = 0;
  while ((count = pread(descriptor, block.data(), block.size(), offset)) > 0) {
    all.insert(all.end(), block.begin(), block.begin() + count);
    offset += count;
  }
  return all;
}

Bytes contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

PacketCopy copy_of(const CapturedPacket& packet) {
  return {Bytes(packet.data.begin(), packet.data.end()),
          packet.wire_length,
          packet.time,
          packet.interface,
          packet.link_type,
          packet.swapped,
          packet.offset};
}

namespace {

// Takes what a call of the reader has returned; false where it was the last.
bool take(PacketList& list, const Expected<const CapturedPacket*, CaptureError>& packet) {
  if (!packet) list.error = packet.error();
  if (!packet || *packet == nullptr) return false;
  list.packets.push_back(copy_of(**packet));
  return true;
}
bool take(PacketList& list, const Expected<std::span<const CapturedPacket>, CaptureError>& batch) {
  if (!batch) list.error = batch.error();
  if (!batch || batch->empty()) return false;
  for (const CapturedPacket& packet : *batch) list.packets.push_back(copy_of(packet));
  return true;
}

template <typename Call>
PacketList read_all(CaptureReader& reader, Call next) {
  PacketList list;
  list.format = reader.format();
  while (take(list, next(reader))) {
  }
  list.interfaces.assign(reader.interfaces().begin(), reader.interfaces().end());
  list.sections.assign(reader.sections().begin(), reader.sections().end());
  return list;
}

template <typename Call>
PacketList read_file(const Bytes& file, Call next) {
  auto reader = CaptureReader::attach(descriptor_with(file), DescriptorOwnership::kOwned);
  if (reader) return read_all(*reader, next);
  PacketList list;
  list.error = reader.error();
  return list;
}

}  // namespace

PacketList read_all(CaptureReader& reader) {
  return read_all(reader, [](CaptureReader& from) { return from.next(); });
}

PacketList read_all(const Bytes& file) {
  PacketList list = read_file(file, [](CaptureReader& from) { return from.next(); });
  const PacketList batches = read_file(file, [](CaptureReader& from) { return from.next_batch(); });
  EXPECT_EQ(batches.packets, list.packets);
  EXPECT_EQ(batches.error, list.error);
  EXPECT_EQ(batches.interfaces, list.interfaces);
  EXPECT_EQ(batches.sections, list.sections);
  return list;
}

}  // namespace bpfc::capture_test
