public import Configuration

/// The sections of the configuration file, one file for all services.
public enum SettingsCatalog {
    /// Every section, in the order of the documentation.
    public static let sections: [ConfigurationSection] = [
        SensorSettings.section, HostSettings.logSection, HostSettings.httpSection, RedisSettings.section,
        ReaderSettings.section, TransformerSettings.section, ShipperSettings.section, OpenSearchSettings.section,
        AWSSettings.section, SQLiteSettings.section, MetricsExporterSettings.section,
        WebSettings.section, MapSettings.section, PipelineSettings.section, CanarySettings.section,
    ]

    /// Reads every section, as all services together would; mistakes are in the reader's `problems` afterwards.
    public static func readAll(from reader: ConfigurationReader) {
        func read<Section: SettingsSection>(_ type: Section.Type) { _ = Section(from: reader) }
        let types: [any SettingsSection.Type] = [
            SensorSettings.self, HostSettings.self, RedisSettings.self, ReaderSettings.self, TransformerSettings.self,
            ShipperSettings.self, OpenSearchSettings.self, AWSDomainSettings.self, SQLiteSettings.self,
            MetricsExporterSettings.self, WebSettings.self, MapSettings.self, PipelineSettings.self,
            CanarySettings.self,
        ]
        for type in types { read(type) }
    }

    /// The variables of all keys that hold a secret, or name a file that does: what other programs have no need of.
    public static var secretVariables: Set<String> {
        Set(sections.flatMap(\.keys).filter(\.isSecret).flatMap { [$0.environment, $0.environment + "_FILE"] })
    }
}
