#include "cli/live_source.h"

#include <fmt/format.h>
#include <linux/if_arp.h>

#include <algorithm>

#include "bpfc/interfaces.h"

namespace bpfc::cli {
namespace {

constexpr const char* kAny = "any";
constexpr std::uint16_t kEthernet = 1;
constexpr std::uint16_t kLinuxSll = 113;
constexpr std::uint16_t kLinuxSll2 = 276;
constexpr std::uint8_t kLinuxSllHeader = 16;

Expected<Interface, std::string> first_interface() {
  const auto all = list_interfaces();
  if (!all) return tl::unexpected(all.error().message);
  const auto found = std::find_if(all->begin(), all->end(), [](const Interface& interface) {
    return interface.is_up() && interface.is_running() && !interface.is_loopback();
  });
  if (found != all->end()) return *found;
  return tl::unexpected(
      std::string("no interface is up but the loopback: say which with -i (bpfc -D lists them)"));
}

Expected<Interface, std::string> choose_interface(const std::string& name) {
  if (name.empty()) return first_interface();
  auto found = find_interface(name);
  if (!found) return tl::unexpected(found.error().message);
  return *std::move(found);
}

bool is_ethernet(const Interface& interface) {
  return interface.hardware_type == ARPHRD_ETHER || interface.hardware_type == ARPHRD_LOOPBACK;
}

// How the socket's packets become those of a link type.
void choose_form(LiveSource& source, const Interface* interface, std::uint8_t cooked_header) {
  if (source.link_type->file_number == kLinuxSll2) {
    source.form = SavedForm::kLinuxSll2;
    source.socket.view = interface == nullptr || is_ethernet(*interface)
                             ? SocketView::kEveryInterface
                             : SocketView::kOtherHeader;
  } else if (cooked_header == kLinuxSllHeader || source.link_type->file_number == kLinuxSll) {
    source.form = SavedForm::kLinuxSll;
    source.socket.view = SocketView::kOtherHeader;
  } else if (source.link_type->file_number == kEthernet) {
    source.form = SavedForm::kEthernet;
    source.socket.view = SocketView::kEthernet;
  }
}

}  // namespace

Expected<LiveSource, std::string> find_live_source(const std::string& interface,
                                                   const LinkType* link_type) {
  LiveSource source;
  std::optional<Interface> found;
  SocketLink link = any_interface_link();
  source.name = kAny;
  if (interface != kAny) {
    auto chosen = choose_interface(interface);
    if (!chosen) return tl::unexpected(chosen.error());
    found = *std::move(chosen);
    source.name = printable_name(found->name);
    source.interface_index = found->index;
    source.is_up = found->is_up();
    source.netmask = ipv4_netmask(*found);
    source.socket.loopback = found->is_loopback();
    link = socket_link(found->hardware_type);
  }
  const LinkType* own = find_link_type_of_file(link.file_link_type);
  source.link_type = link_type == nullptr ? own : link_type;
  const bool cooked =
      source.link_type->file_number == kLinuxSll || source.link_type->file_number == kLinuxSll2;
  if (source.link_type != own && !cooked) {
    return tl::unexpected(
        fmt::format("{} has packets of {}: they can be saved as those, or as LINUX_SLL or "
                    "LINUX_SLL2, not as {}",
                    source.name, own->name, source.link_type->name));
  }
  choose_form(source, found ? &*found : nullptr, source.link_type == own ? link.cooked_header : 0);
  return source;
}

}  // namespace bpfc::cli
