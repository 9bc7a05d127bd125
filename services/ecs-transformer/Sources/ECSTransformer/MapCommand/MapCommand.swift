import EventContract
import Glibc
import Networks
import OpenSearchBulk
public import ServiceHost
import Settings

/// `ecs-transformer map`: maps EVE lines from files or standard input, without Redis and without configuration.
public struct MapCommand {
    /// The command as the program offers it.
    public static var subcommand: Subcommand {
        Subcommand(
            "map", arguments: "[OPTIONS] [FILE...]", summary: "maps files or standard input, without Redis",
            details: details, run: run)
    }

    private static let details = """
        Prints one document a line, in the order of the lines. What can't be mapped goes to
        standard error with its line number and the reason. Without a file, or for `-`,
        standard input is read.

        Options:
          --bulk                  puts the action line of a bulk request before each document
          --index-prefix PREFIX   what index names start with under --bulk; suricata
          --sensor NAME           the sensor's name, for observer.name and the ids
          --home-networks LIST    networks that count as inside, separated by commas
          --community-id-seed N   Suricata's community-id-seed; 0
          --geoip-city FILE       a database of places in MaxMind's format
          --geoip-asn FILE        a database of networks in MaxMind's format
          --keep-secrets          leaves passwords as they are
          --ecs-version VERSION   what documents name as ecs.version; \(TransformerSettings().ecsVersion)

        Status: 0 when all lines were mapped, 1 when some were rejected, 2 when a file can't
        be read or the output can't be written.
        """

    /// Status of a run in which every line became a document.
    static let succeeded: Int32 = 0
    /// Status of a run in which lines were rejected.
    static let rejectedSome: Int32 = 1
    /// Status of a wrong command line, of a file that can't be read, or of output that can't be written.
    static let failed: Int32 = 2

    /// The longest line that is mapped, as the reader's default.
    static let lineBytesMax = 8 << 20

    private static let optionsWithValue = [
        "--community-id-seed", "--ecs-version", "--geoip-asn", "--geoip-city", "--home-networks", "--index-prefix",
        "--sensor",
    ]

    private var settings = MappingSettings()
    private var printsBulk = false
    private var indexPrefix = "suricata"
    private var sensor = ""
    /// The files in their order; `-` is standard input.
    private(set) var paths: [String] = []

    /// What follows `map` on the command line.
    /// - Throws: ``MapUsageError`` about the first mistake.
    init(_ arguments: [String]) throws(MapUsageError) {
        var rest = arguments[...]
        while let word = rest.popFirst() {
            guard word.hasPrefix("-"), word != "-" else {
                paths.append(word)
                continue
            }
            if word == "--" {
                paths += rest
                break
            }
            guard word != "--bulk" else {
                printsBulk = true
                continue
            }
            guard word != "--keep-secrets" else {
                settings.masksSecrets = false
                continue
            }
            guard Self.optionsWithValue.contains(word) else {
                throw MapUsageError(message: "unknown option `\(word)`")
            }
            guard let value = rest.popFirst() else { throw MapUsageError(message: "\(word) takes a value") }
            switch word {
            case "--ecs-version": settings.ecsVersion = value
            case "--community-id-seed":
                guard let seed = UInt16(value) else { throw MapUsageError(message: "\(word) takes 0 to 65535") }
                settings.communityIDSeed = seed
            case "--geoip-asn": settings.geoIPASNFile = value
            case "--geoip-city": settings.geoIPCityFile = value
            case "--home-networks":
                settings.homeNetworks = try value.split(separator: ",").map { text throws(MapUsageError) in
                    guard let network = IPNetwork(String(text)) else {
                        throw MapUsageError(message: "\(text) is not a network such as 192.168.0.0/16 or fd00::/8")
                    }
                    return network
                }
            case "--index-prefix": indexPrefix = value
            default: sensor = value
            }
        }
        if paths.isEmpty { paths = ["-"] }
    }

    /// A run that writes documents and reports to these descriptors.
    /// - Throws: ``IndexPrefixError``.
    func makeRun(output: Int32, errors: Int32) throws -> MapRun {
        MapRun(
            settings: settings, bulk: printsBulk ? try BulkAction(indexPrefix: indexPrefix) : nil, sensor: sensor,
            output: output, errors: errors)
    }

    /// Carries out `map` with what follows it on the command line.
    /// - Returns: the status of the process: 0, 1 when lines were rejected, 2 when the run could not be finished.
    static func run(_ arguments: [String]) -> Int32 {
        do {
            let command = try MapCommand(arguments)
            var run = try command.makeRun(output: STDOUT_FILENO, errors: STDERR_FILENO)
            return run.map(command.paths, lineBytesMax: lineBytesMax)
        } catch {
            MapRun.report("ecs-transformer map: \(error)", to: STDERR_FILENO)
            return failed
        }
    }
}

/// A mistake in the command line, for people.
struct MapUsageError: Error, CustomStringConvertible {
    let message: String

    var description: String { message }
}
