import { WEBHOOK_FIELDS } from '../handlers/webhooks.ts';
import { LOOPBACK } from '../oauth/redirect-uris.ts';

const NAMES: readonly (readonly [name: string, category: string])[] = [
  ['Harbour Lane Bakery', 'Bakery'],
  ['Lindqvist & Söner Cykel', 'Bicycle Shop'],
  ['Northfold Outdoor Supply', 'Outdoor Equipment Store'],
  ['Casa Abedul', 'Restaurant'],
  ['Tidewater Dental Studio', 'Dentist & Dental Office'],
  ['Papeterie Mirabel', 'Stationery Store'],
  ['Okafor Logistics', 'Cargo & Freight Company'],
  ['Blumenhaus Grünwinkel', 'Florist'],
  ['さくら坂文具店', 'Stationery Store'],
  ['Quillon Books', 'Bookstore'],
  ['The Copper Kettle Tea Rooms', 'Tea Room'],
  ['Velluto Parrucchieri', 'Hair Salon'],
  ['Marrowby Vets', 'Veterinarian'],
  ['Ateliê Jacarandá', 'Arts & Crafts Store'],
  ['Sunderby Solar', 'Solar Energy Company'],
  ['Kavárna U Jeřábu', 'Coffee Shop'],
  ['Pinecrest Family Practice', 'Medical Center'],
  ['Zeytin Dalı Lokantası', 'Restaurant'],
  ['Brackenhill Farm Shop', 'Local Business'],
  ['Optik Sehfeld', 'Optician'],
  ['Maple & Rye Sandwiches', 'Sandwich Shop'],
  ['Księgarnia Pod Żurawiem', 'Bookstore'],
  ['Grey Heron Kayaks', 'Sports & Recreation'],
  ['Fjordlys Interiør', 'Furniture Store'],
  ['Tamarind House', 'Restaurant'],
  ['Boulangerie des Trois Ponts', 'Bakery'],
  ['Wexcombe Town Library', 'Library'],
  ['Ρόδι & Μέλι', 'Grocery Store'],
  ['Ironbridge Barbers', 'Barber Shop'],
  ['Studio Yoga Lumière', 'Yoga Studio'],
  ['Petalworks Garden Centre', 'Garden Center'],
  ['Novák a dcera, hodinářství', 'Watch Repair Shop'],
  ['Saltmarsh Surf School', 'Sports Instruction'],
  ['مقهى الياسمين الأزرق', 'Cafe'],
  ['Redfern Accounting', 'Accountant'],
  ['Hôtel du Vieux Tilleul', 'Hotel'],
  ['Bluebell Nursery & Preschool', 'Preschool'],
  ['Marchetti Ceramiche', 'Home Decor'],
  ['Dunmore Wheels', 'Car Dealership'],
  ['Puerto Nogal Café', 'Coffee Shop'],
  ['Åkerblom Fiskrökeri', 'Seafood Restaurant'],
  ['Lanternfish Games', 'Video Game Store'],
  ['Viñedos Cerro Bermejo', 'Winery'],
  [
    'The Incorporated Society of Amateur Telescope Makers, Mirror Grinders and Night-Sky Photographers of the Upper Wenning Valley',
    'Nonprofit Organization',
  ],
  ['Küchenwerk Ahorn', 'Kitchen Supplies'],
  ['Bright Otter Cleaning', 'Cleaning Service'],
  ['Apotek Månestråle', 'Pharmacy'],
  ['Fig & Thistle Catering', 'Caterer'],
  ['오월정원 꽃집', 'Florist'],
  ['Holloway Piano Lessons', 'Music Lessons & Instruction School'],
  ['Trattoria Due Gelsi', 'Italian Restaurant'],
  ['Castellan Property Lettings', 'Real Estate'],
  ['Sklep Rowerowy Szprycha', 'Bicycle Shop'],
  ['Merrow Street Tattoo', 'Tattoo & Piercing Shop'],
  ['Pão da Ladeira', 'Bakery'],
  ['Greenlane Recycling', 'Recycling Center'],
  ['Librairie L’Encrier Bleu', 'Bookstore'],
  ['Kestrel Air Charter', 'Airline Company'],
  ['Ванильное облако', 'Cake Shop'],
  ['Oakhurst Community Theatre', 'Performing Arts Theatre'],
  ['Goldammer Brauerei', 'Brewery'],
  ['Silver Birch Opticians', 'Optician'],
  ['Mercado Tía Rosalba', 'Grocery Store'],
  ['Penhallow Pottery 🏺', 'Arts & Crafts Store'],
  ['Rivière Claire Spa', 'Spa'],
  ['Tallow & Wick', 'Gift Shop'],
  ['Șapte Nuci Cofetărie', 'Dessert Shop'],
  ['Farrier’s Yard Climbing', 'Gym/Physical Fitness Center'],
  ['Hồ Sen Trà Quán', 'Tea Room'],
  ['Zinnia Travel', 'Travel Agency'],
];

const WITHOUT_MESSAGING: ReadonlySet<string> = new Set([
  'Fjordlys Interiør',
  'Castellan Property Lettings',
]);

const FIRST_ID = 1_045_173_208_114_062;
const ID_STEP = 9_803_398_875;

export const ALL_TASKS: readonly string[] = [
  'ADVERTISE',
  'ANALYZE',
  'CREATE_CONTENT',
  'MESSAGING',
  'MODERATE',
  'MANAGE',
];

export const DEFAULT_PAGES = NAMES.map(([name, category], index) => ({
  id: String(FIRST_ID + index * ID_STEP),
  name,
  category,
}));

function defaultTasks({ name }: { name: string }): string[] {
  return WITHOUT_MESSAGING.has(name) ? ['ADVERTISE', 'ANALYZE'] : [...ALL_TASKS];
}

export const DEFAULT_APP = {
  id: '1045730918264417',
  name: 'Sandbox Desk',
  redirect_uris: [LOOPBACK],
};

const DEFAULT_PERSON = { id: '1045066120934571', name: 'Robin Aldersey' };

export function defaultPerson(pages: readonly { id: string; name: string }[]) {
  const roles = pages.map((item) => ({ id: item.id, tasks: defaultTasks(item) }));
  return { ...DEFAULT_PERSON, pages: roles, declined_permissions: [] };
}

export const BUSINESS_PERMISSIONS: readonly string[] = [
  'whatsapp_business_management',
  'whatsapp_business_messaging',
];

export const DEFAULT_BUSINESS = '1045233980715604';
export const DEFAULT_PIN = '204816';

export const DEFAULT_WABA = {
  id: '1045822094417306',
  name: 'Aldersey Trading',
  numbers: [
    {
      id: '1045390276615528',
      display_phone_number: '+1 631-555-0110',
      verified_name: 'Aldersey Trading',
      registered: false,
      quality_rating: 'NA',
    },
    {
      id: '1045390276615529',
      display_phone_number: '+1 631-555-0111',
      verified_name: 'Aldersey Support',
    },
    {
      id: '1045390276615530',
      display_phone_number: '+44 20 7946 0112',
      verified_name: 'Aldersey UK',
      registered: false,
      quality_rating: 'NA',
      pin: null,
    },
  ],
};

export const DEFAULT_INSTAGRAM_APP_ID = '1045518839072264';

export const DEFAULT_INSTAGRAM_ACCOUNT = {
  user_id: '17841445902716038',
  app_scoped_id: '27134509918264417',
  username: 'aldersey.trading',
  name: 'Aldersey Trading',
};

/** Subscriptions to all fields, like those of an app in production. */
export const DEFAULT_WEBHOOKS = [
  defaultWebhook(DEFAULT_APP.id, 'whatsapp_business_account'),
  defaultWebhook(DEFAULT_APP.id, 'page'),
  defaultWebhook(DEFAULT_APP.id, 'instagram'),
];

function defaultWebhook(app_id: string, object: keyof typeof WEBHOOK_FIELDS) {
  const callback_url = 'https://desk.example.com/webhooks';
  return { app_id, object, callback_url, fields: [...WEBHOOK_FIELDS[object]], active: true };
}
