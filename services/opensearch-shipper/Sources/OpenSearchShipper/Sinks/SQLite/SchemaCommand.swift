import EventStore
import Glibc
public import ServiceHost

/// `opensearch-shipper schema`: shows the tables and views of the local store, as its file gets them.
public enum SchemaCommand {
    /// The command as the program offers it.
    public static var subcommand: Subcommand {
        Subcommand(
            "schema", summary: "prints the tables and views of the local store, as SQL",
            details: "`opensearch-shipper schema | sqlite3 events.db` makes an empty store.",
            run: { words in
                guard words.isEmpty else {
                    let line = Array("opensearch-shipper schema: takes no arguments\n".utf8)
                    _ = write(STDERR_FILENO, line, line.count)
                    return 2
                }
                print(EventStoreSchema.statements)
                return 0
            })
    }
}
