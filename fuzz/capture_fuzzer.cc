// Any bytes as a capture file: read packet by packet and in batches, which must be the same, and
// copied as pcapng.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <vector>

#include "bpfc/capture_reader.h"
#include "bpfc/capture_writer.h"

namespace {

struct Copy {
  std::vector<std::uint8_t> data;
  std::uint32_t interface;
  std::uint64_t offset;

  friend bool operator==(const Copy&, const Copy&) = default;
};

Copy copy_of(const bpfc::CapturedPacket& packet) {
  return {{packet.data.begin(), packet.data.end()}, packet.interface, packet.offset};
}

// A descriptor that the reader closes.
int descriptor_with(const std::uint8_t* data, std::size_t size) {
  const int descriptor = memfd_create("capture", MFD_CLOEXEC);
  if (write(descriptor, data, size) != static_cast<ssize_t>(size)) std::abort();
  if (lseek(descriptor, 0, SEEK_SET) != 0) std::abort();
  return descriptor;
}

// What a writer cannot hold it refuses; nothing else may happen.
class Copier {
 public:
  Copier()
      : writer_(bpfc::CaptureWriter::attach_pcapng(open("/dev/null", O_WRONLY | O_CLOEXEC),
                                                   bpfc::DescriptorOwnership::kOwned)) {}

  void write(const bpfc::CapturedPacket& packet, const bpfc::CaptureReader& reader) {
    for (; added_ <= packet.interface; ++added_) {
      if (!writer_->add_interface(reader.interfaces()[added_])) return;
    }
    (void)writer_->write(packet, packet.interface);
  }
  void finish() { (void)writer_->finish(); }

 private:
  bpfc::Expected<bpfc::CaptureWriter, bpfc::CaptureError> writer_;
  std::uint32_t added_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr auto kOwned = bpfc::DescriptorOwnership::kOwned;
  auto reader = bpfc::CaptureReader::attach(descriptor_with(data, size), kOwned);
  auto other = bpfc::CaptureReader::attach(descriptor_with(data, size), kOwned);
  if (reader.has_value() != other.has_value()) std::abort();
  if (!reader) return 0;
  Copier copier;
  std::vector<Copy> packets;
  std::optional<bpfc::CaptureError> error;
  while (true) {
    const auto next = reader->next();
    if (!next) error = next.error();
    if (!next || *next == nullptr) break;
    packets.push_back(copy_of(**next));
    copier.write(**next, *reader);
  }
  copier.finish();
  std::size_t count = 0;
  while (true) {
    const auto batch = other->next_batch();
    if (batch.has_value() ? batch->empty() && error : error != batch.error()) std::abort();
    if (!batch || batch->empty()) break;
    for (const bpfc::CapturedPacket& packet : *batch) {
      if (count == packets.size() || copy_of(packet) != packets[count]) std::abort();
      ++count;
    }
  }
  if (count != packets.size()) std::abort();
  return 0;
}
