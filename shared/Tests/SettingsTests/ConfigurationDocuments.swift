import Configuration
import Settings

/// The documents about the configuration, made from the keys.
enum ConfigurationDocuments {
    /// `docs/configuration.md`
    static var reference: String {
        """
        # Configuration

        Made from the code; `UPDATE_DOCS=1 swift test --package-path shared --filter Settings` writes it anew.

        All services read one file, each the sections that it needs: the one that `--config FILE` or `CONFIG_FILE`
        names, else `/etc/ids-suite/config.yaml` if it exists. No file at all is fine: every key has a default.
        [config.example.yaml](../config.example.yaml) holds every key.

        Each key can also be set elsewhere. The stronger source wins:

        | | Source | Example |
        |---|---|---|
        | 1 | option of the command line | `--set redis.host=10.0.0.5`, or a short-cut as `--once` |
        | 2 | environment variable, or the file that the variable with `_FILE` names | `REDIS_HOST=10.0.0.5`, \
        `REDIS_PASSWORD_FILE=/run/secrets/redis` |
        | 3 | configuration file | `redis: {host: 10.0.0.5}` |
        | 4 | default | |

        - `SERVICE check-config` shows the settings in force and where each comes from. Any mistake ends a service \
        with status 2, and all mistakes are told at once.
        - An empty environment variable counts as not set. A variable and its `_FILE` together are a mistake. One \
        newline at the end of such a file is left out.
        - Secrets are never shown, and none is taken from the command line, which every user of the machine can see. \
        In the configuration file a key `…_file` beside them, as `redis.password_file`, names a file that holds the \
        secret.
        - Units are part of the names. Keys ending in `_bytes`, `_bytes_max` take bytes, `65536` or `64KiB`, `5MiB`, \
        `1GiB`; keys ending in `_ms` take milliseconds.
        - Lists are sequences in the file, and words with commas between elsewhere.

        \(SettingsCatalog.sections.map(section).joined(separator: "\n"))
        """
    }

    /// `config.example.yaml`
    static var example: String {
        """
        # Every key with its default. Copy the file to /etc/ids-suite/config.yaml and take the `#` from the lines that
        # you change. docs/configuration.md tells more. Made from the code.

        \(SettingsCatalog.sections.map(exampleSection).joined(separator: "\n"))
        """
    }

    private static func section(_ section: ConfigurationSection) -> String {
        """
        ## `\(section.name)`
        \(section.summary)

        | Key | Environment | Takes | Default | Meaning |
        |---|---|---|---|---|
        \(section.keys.map(row).joined(separator: "\n"))

        """
    }

    private static func row(_ key: KeyDefinition) -> String {
        let option = key.option.map { "<br>`\($0.name)`" } ?? ""
        return
            "| `\(key.name)`\(option) | `\(key.environment)` | \(key.allowed) | \(defaultText(key)) | \(key.summary) |"
    }

    private static func defaultText(_ key: KeyDefinition) -> String {
        if key.fallbackText.isEmpty { return "none" }
        return key.isFallbackLiteral ? "`\(key.fallbackText)`" : key.fallbackText
    }

    private static func exampleSection(_ section: ConfigurationSection) -> String {
        "# \(section.summary)\n\(section.name):\n" + section.keys.map(exampleKey).joined()
    }

    private static func exampleKey(_ key: KeyDefinition) -> String {
        let name = (key.fileName ?? key.name).split(separator: ".").dropFirst().joined(separator: ".")
        let comment = key.summary + " It takes \(key.allowed)."
        let lines = wrapped(comment, width: 110).map { "  # \($0)\n" }.joined()
        return lines + "  #\(name): \(exampleValue(key))\n"
    }

    private static func exampleValue(_ key: KeyDefinition) -> String {
        if key.isSecret { return "/run/secrets/" + String(key.name.map { $0 == "." ? "_" : $0 }) }
        if !key.isFallbackLiteral { return "NAME  # default: \(key.fallbackText)" }
        guard key.isList else { return yamlText(key.fallbackText) }
        return "[" + key.fallbackText.split(separator: ",").map { yamlText(String($0)) }.joined(separator: ", ") + "]"
    }

    private static func yamlText(_ text: String) -> String {
        let isPlain = !text.isEmpty && text.utf8.allSatisfy(\.isPlainInYAML)
        return isPlain || text.hasPrefix("http") ? text : "\"\(text)\""
    }

    private static func wrapped(_ text: String, width: Int) -> [String] {
        var lines = [""]
        for word in text.split(separator: " ") {
            let last = lines[lines.count - 1]
            if last.isEmpty {
                lines[lines.count - 1] = String(word)
            } else if last.count + word.count < width {
                lines[lines.count - 1] = last + " " + word
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }
}

extension KeyDefinition {
    /// Whether the default can be written as it is shown: `the host name` cannot.
    var isFallbackLiteral: Bool { !fallbackText.hasPrefix("the ") }
}

extension UInt8 {
    /// A word of such bytes needs no quotes.
    fileprivate var isPlainInYAML: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "/._-".utf8.contains(self)
        }
    }
}
