#include "capture/netlink_message.h"

#include <linux/netlink.h>

#include <algorithm>

namespace bpfc::capture {
namespace {

constexpr std::uint16_t kTypeMask = static_cast<std::uint16_t>(NLA_TYPE_MASK);

}  // namespace

Bytes behind(Bytes bytes, std::size_t size) {
  const std::size_t aligned = (size + NLMSG_ALIGNTO - 1) / NLMSG_ALIGNTO * NLMSG_ALIGNTO;
  return bytes.subspan(std::min(aligned, bytes.size()));
}

std::vector<NetlinkMessage> netlink_messages(Bytes bytes) {
  std::vector<NetlinkMessage> messages;
  while (const auto header = read_object<nlmsghdr>(bytes)) {
    if (header->nlmsg_len < sizeof *header || header->nlmsg_len > bytes.size()) break;
    messages.push_back({header->nlmsg_type, header->nlmsg_flags, header->nlmsg_seq,
                        bytes.first(header->nlmsg_len).subspan(sizeof *header)});
    bytes = behind(bytes, header->nlmsg_len);
  }
  return messages;
}

std::vector<NetlinkAttribute> netlink_attributes(Bytes bytes) {
  std::vector<NetlinkAttribute> attributes;
  while (const auto header = read_object<nlattr>(bytes)) {
    if (header->nla_len < sizeof *header || header->nla_len > bytes.size()) break;
    attributes.push_back({static_cast<std::uint16_t>(header->nla_type & kTypeMask),
                          bytes.first(header->nla_len).subspan(sizeof *header)});
    bytes = behind(bytes, header->nla_len);
  }
  return attributes;
}

std::string read_text(Bytes bytes) {
  return {bytes.begin(), std::find(bytes.begin(), bytes.end(), std::uint8_t{0})};
}

}  // namespace bpfc::capture
