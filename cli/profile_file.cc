#include "cli/profile_file.h"

#include <fmt/format.h>

#include "bpfc/capture_reader.h"

namespace bpfc::cli {

Expected<std::unique_ptr<const Profile>, std::string> read_profile(const std::string& path,
                                                                   const LinkType& link_type) {
  if (path.empty()) return nullptr;
  auto reader = CaptureReader::open(path);
  if (!reader) return tl::unexpected(render(reader.error(), path));
  auto profile = std::make_unique<Profile>();
  const LinkType* other = nullptr;
  bool others = false;
  for (;;) {
    const auto next = reader->next();
    if (!next) return tl::unexpected(render(next.error(), path));
    if (*next == nullptr) break;
    const CapturedPacket& packet = **next;
    const LinkType* own = find_link_type_of_file(packet.link_type);
    if (own != &link_type) {
      if (!others) other = own;
      others = true;
      continue;
    }
    if (!profile->add(packet.data, packet.wire_length)) break;
  }
  if (profile->size() == 0 && others) {
    return tl::unexpected(fmt::format("{}: the filter is for {}, and the packets are {}", path,
                                      link_type.name, other == nullptr ? "not" : other->name));
  }
  return profile;
}

}  // namespace bpfc::cli
