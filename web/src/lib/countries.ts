/** The countries a shop is likely in: dialling code, currency, a time zone to recognise it by. */

export interface Country {
  /** ISO 3166, two letters. */
  code: string
  dial: string
  /** ISO 4217: what a new shop there begins with. */
  currency: string
  zones: readonly string[]
}

const LINES = `
UG +256 UGX Africa/Kampala
KE +254 KES Africa/Nairobi
TZ +255 TZS Africa/Dar_es_Salaam
RW +250 RWF Africa/Kigali
BI +257 BIF Africa/Bujumbura
SS +211 SSP Africa/Juba
ET +251 ETB Africa/Addis_Ababa
SO +252 SOS Africa/Mogadishu
DJ +253 DJF Africa/Djibouti
CD +243 CDF Africa/Kinshasa Africa/Lubumbashi
ZM +260 ZMW Africa/Lusaka
MW +265 MWK Africa/Blantyre
MZ +258 MZN Africa/Maputo
NG +234 NGN Africa/Lagos
GH +233 GHS Africa/Accra
ZA +27 ZAR Africa/Johannesburg
BW +267 BWP Africa/Gaborone
MU +230 MUR Indian/Mauritius
KM +269 KMF Indian/Comoro
CM +237 XAF Africa/Douala
SN +221 XOF Africa/Dakar
CI +225 XOF Africa/Abidjan
IN +91 INR Asia/Kolkata Asia/Calcutta
PK +92 PKR Asia/Karachi
BD +880 BDT Asia/Dhaka
LK +94 LKR Asia/Colombo
NP +977 NPR Asia/Kathmandu Asia/Katmandu
AE +971 AED Asia/Dubai
SA +966 SAR Asia/Riyadh
QA +974 QAR Asia/Qatar
KW +965 KWD Asia/Kuwait
BH +973 BHD Asia/Bahrain
OM +968 OMR Asia/Muscat
GB +44 GBP Europe/London
IE +353 EUR Europe/Dublin
DE +49 EUR Europe/Berlin
FR +33 EUR Europe/Paris
US +1 USD America/New_York`

export const COUNTRIES: readonly Country[] = LINES.trim()
  .split('\n')
  .map((line) => {
    const [code, dial, currency, ...zones] = line.split(' ') as [string, string, string, ...string[]]
    return { code, dial, currency, zones }
  })

/** The dialling code of a country, '' where it is not known. */
export function dialOf(code: string): string {
  return COUNTRIES.find((country) => country.code === code)?.dial ?? ''
}

/** The currency a shop in this country begins with, '' where it is not known. */
export function currencyOf(code: string): string {
  return COUNTRIES.find((country) => country.code === code)?.currency ?? ''
}

/** A country's name in a language; its code where the browser does not know it. */
export function nameOfCountry(code: string, locale: string): string {
  return new Intl.DisplayNames(locale, { type: 'region', fallback: 'code' }).of(code) ?? code
}

/** Where this device seems to be, by its time zone; Uganda where that says nothing. */
export function countryHere(zone = Intl.DateTimeFormat().resolvedOptions().timeZone): string {
  return COUNTRIES.find((country) => country.zones.includes(zone))?.code ?? 'UG'
}
