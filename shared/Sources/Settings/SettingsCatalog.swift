public import Configuration

/// The sections of the configuration file, one file for all services.
public enum SettingsCatalog {
    /// Every section, in the order of the documentation.
    public static let sections: [ConfigurationSection] = [
        SensorSettings.section, HostSettings.logSection, HostSettings.httpSection, RedisSettings.section,
        ReaderSettings.section, TransformerSettings.section, ShipperSettings.section, OpenSearchSettings.section,
        AWSSettings.section, SQLiteSettings.section, MetricsExporterSettings.section,
    ]
}
