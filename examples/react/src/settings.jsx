import { createContext, useContext, useMemo } from "react";

const SettingsContext = createContext(null);

export function SettingsProvider({ currency, locale, children }) {
  const settings = useMemo(() => ({ currency, locale, money: moneyFormatter(currency) }), [currency, locale]);
  return <SettingsContext value={settings}>{children}</SettingsContext>;
}

export function useSettings() {
  const settings = useContext(SettingsContext);
  if (settings === null) throw new Error("useSettings is used outside of SettingsProvider");
  return settings;
}

function moneyFormatter(currency) {
  return (cents) => `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, "0")} ${currency}`;
}
