#include "daemon/manual/man_page.h"

namespace interlink::manual {
namespace {

constexpr const char* kControlProse =
    R"(.B interlinkctl
asks the daemon of a PBX account to do something, or shows how it stands. It finds the
daemon by
.BR \-\-api\-socket ,
.B INTERLINK_API_SOCKET
or the usual places, of which /run/interlink/api.sock is the last. Members of the group
.B interlink
may open that one. The daemon of
.BI interlinkd@ ACCOUNT .service
has /run/interlink\-accounts/\fIACCOUNT\fR/api.sock.
)";

constexpr const char* kDaemonProse =
    R"(.B interlinkd
links one PBX account with those of other companies. It needs no configuration to start;
each of its settings is a flag, a variable of the environment and a key of the file
.BR \-\-config ,
which are described in
.BR interlinkd.toml (5);
the first that gives a setting counts, in this order.
.PP
.B interlinkd.service
is the account of a machine.
.BI interlinkd@ ACCOUNT .service
is one of many, each with a file of settings, data and sockets of its own.
)";

constexpr const char* kDaemonEnd =
    R"(.SH SIGNALS
.TP
.BR SIGTERM ", " SIGINT
End in order, within two seconds; a second one ends at once. Nothing that was answered is
lost.
.TP
.B SIGHUP
Read the settings again. What waits for a restart is named in the log.
.SH ENVIRONMENT
.TP
.BR NOTIFY_SOCKET ", " WATCHDOG_USEC
Of a service manager, which is told as
.BR sd_notify (3)
describes. The account's own loop feeds the watchdog; while it waits for the disk,
another thread does, for ten times the watchdog's time at most.
.SH FILES
.TP
.I /etc/interlink/interlinkd.toml
The settings of interlinkd.service.
.TP
.I /etc/interlink/ACCOUNT.toml
Those of interlinkd@ACCOUNT.service.
.TP
.IR /var/lib/interlink ", " /var/lib/interlink\-accounts/ACCOUNT
The account: whoever has it can pose as it. A purge of the package keeps it.
.TP
.IR /var/lib/interlink\-backups/interlinkd ", " /var/lib/interlink\-backups/ACCOUNT
Where
.B interlinkctl backup
may make a folder: the service can write nowhere else.
.TP
.IR /run/interlink/api.sock ", " /run/interlink\-accounts/ACCOUNT/api.sock
The administrator's API.
.SH EXIT STATUS
0 after an end in order, 1 if it cannot start or serve, 2 if the settings are wrong.
.SH SEE ALSO
.BR interlinkctl (1),
.BR interlinkd.toml (5)
)";

constexpr const char* kSettingsProse =
    R"(A line
.IB key " = " value
for each setting that differs from its default. Text stands in quotes, a list in brackets;
# begins a comment. The same settings are flags of
.BR interlinkd (8)
and variables, which count before the file.
.B interlinkd \-\-print\-config
prints all that are in force, and
.B interlinkd \-\-check\-config
says all that is wrong.
.SH SETTINGS
)";

// As roff prints it again: a hyphen is one that a shell takes.
std::string Escaped(const std::string& text) {
  std::string escaped;
  bool begins_line = true;
  for (const char c : text) {
    if (begins_line && (c == '.' || c == '\'')) escaped += "\\&";
    if (c == '\\') {
      escaped += "\\e";
    } else if (c == '-') {
      escaped += "\\-";
    } else {
      escaped += c;
    }
    begins_line = c == '\n';
  }
  return escaped;
}

std::string Bold(const std::string& text) {
  return "\\fB" + Escaped(text) + "\\fR";
}

std::string Italic(const std::string& text) {
  return "\\fI" + Escaped(text) + "\\fR";
}

std::string Sentence(const std::string& text) {
  const bool ends = !text.empty() && (text.back() == '.' || text.back() == '?');
  return Escaped(text) + (ends ? "" : ".") + "\n";
}

std::string AsItIs(const std::string& text) {
  return text.empty() ? "" : ".PP\n.nf\n" + Escaped(text) + "\n.fi\n";
}

std::string Head(const std::string& name, int section,
                 const std::string& version, const std::string& about) {
  return ".TH " + name + " " + std::to_string(section) + " \"\" \"Interlink " +
         version + "\"\n.SH NAME\n" + Escaped(name) + " \\- " + about + "\n";
}

std::string ArgumentItem(const Argument& argument) {
  std::string names;
  for (const std::string& name : argument.names) {
    const bool is_option = name.starts_with("-");
    names +=
        (names.empty() ? "" : ", ") + (is_option ? Bold(name) : Italic(name));
  }
  if (argument.names.front().starts_with("-") && !argument.value.empty()) {
    names += " " + Italic(argument.value);
  }
  return ".TP\n" + names + "\n" + Sentence(argument.description);
}

std::string Arguments(const Command& command) {
  std::string items;
  for (const Argument& argument : command.positionals) {
    items += ArgumentItem(argument);
  }
  for (const Argument& option : command.options) {
    // Each verb has it; the program's own stands for all.
    if (option.names.back() != "--help") items += ArgumentItem(option);
  }
  return items;
}

std::string VerbHead(const std::string& place, const Command& command) {
  std::string head = Bold(place.substr(1));
  for (const Argument& argument : command.positionals) {
    head += argument.is_required ? " " + Italic(argument.value)
                                 : " [" + Italic(argument.value) + "]";
  }
  for (const Argument& option : command.options) {
    if (!option.is_required) continue;
    head += " " + Bold(option.names.back()) + " " + Italic(option.value);
  }
  return head;
}

std::string Verbs(const Command& program) {
  std::string text = ".SH VERBS\n";
  VisitAll(program, [&](const std::string& place, const Command& command) {
    if (place.empty()) return;
    text += ".SS " + VerbHead(place, command) + "\n" +
            Sentence(command.description) + Arguments(command) +
            AsItIs(command.footer);
  });
  return text;
}

std::string OptionsSection(const Command& program) {
  std::string text = ".SH OPTIONS\n";
  for (const Argument& option : program.options) text += ArgumentItem(option);
  return text;
}

std::string SettingItem(const daemon::Setting& setting) {
  using Kind = daemon::Setting::Kind;
  const char* kind = setting.kind == Kind::kNumber ? "number"
                     : setting.kind == Kind::kList ? "list of texts"
                                                   : "text";
  std::string item = ".TP\n" + Bold(setting.name) + " (" + kind + ")\n" +
                     Sentence(setting.description);
  const std::string standard = setting.DefaultInWords();
  if (!standard.empty()) item += "Default: " + Sentence(standard);
  const bool at_reload =
      setting.taken_over == daemon::Setting::TakenOver::kAtReload;
  return item + (at_reload ? "A reload takes it over.\n"
                           : "Another value waits for a restart.\n");
}

}  // namespace

std::string ProgramPage(const Command& interlinkctl,
                        const std::string& version) {
  return Head("interlinkctl", 1, version,
              "link a PBX account with others, and show how it stands") +
         ".SH SYNOPSIS\n" + Bold("interlinkctl") + " [" + Italic("OPTION") +
         "...] " + Italic("VERB") + " [" + Italic("ARGUMENT") +
         "...]\n.SH DESCRIPTION\n" + kControlProse +
         OptionsSection(interlinkctl) + Verbs(interlinkctl) +
         ".SH EXAMPLES AND EXIT STATUS\n" + AsItIs(interlinkctl.footer) +
         ".SH SEE ALSO\n.BR interlinkd (8)\n";
}

std::string DaemonPage(const Command& interlinkd, const std::string& version) {
  return Head("interlinkd", 8, version,
              "the Interlink daemon: links a PBX account with others") +
         ".SH SYNOPSIS\n" + Bold("interlinkd") + " [" + Italic("OPTION") +
         "...] [" + Italic("VERB") + "]\n.SH DESCRIPTION\n" + kDaemonProse +
         OptionsSection(interlinkd) + Verbs(interlinkd) + kDaemonEnd;
}

std::string SettingsPage(const std::vector<daemon::Setting>& settings,
                         const std::string& version) {
  std::string text =
      Head("interlinkd.toml", 5, version, "settings of the Interlink daemon") +
      ".SH DESCRIPTION\n" + kSettingsProse;
  for (const daemon::Setting& setting : settings) text += SettingItem(setting);
  return text + ".SH SEE ALSO\n.BR interlinkd (8),\n.BR interlinkctl (1)\n";
}

}  // namespace interlink::manual
